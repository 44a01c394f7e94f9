-- lesion_role: how each lesion is followed under each criterion, from the baseline scan on.
-- target: named a target and measured at the baseline scan; new: first seen after it; the others are non-target, so that
-- a lesion that was new under the line before belongs to the disease at baseline.
-- mRECIST (Lencioni & Llovet, Semin Liver Dis 2010;30:52) measures the enhancing diameter of intrahepatic targets that
-- enhance at baseline; targets without enhancement and those outside the liver are measured as in RECIST 1.1. A thrombus
-- of the portal vein is non-target. A node at the porta hepatis is malignant from 20 mm short axis. Effusion and ascites
-- count only with cytology, which is not in the data, so they are left out. A new nodule of the liver counts from 10 mm
-- with enhancement, or from its first visit once it has grown by 10 mm.
-- A part that a lesion of the baseline split off (split_from) is followed as that lesion is, from its first visit on, and is
-- never new. Where the study names readers, a criterion sees the lesions of its reader only.
with
at_baseline as (
  select lesion.patient_id, lesion.lesion_id, lesion.role, lower(lesion.organ) as organ, lesion.is_lymph_node,
    lesion.first_visit, lesion.reader, lesion.split_from, baseline.visit as baseline_visit,
    case when measure.status = 'present' then measure.diameter_mm end as diameter_mm,
    case when measure.status = 'present' then measure.viable_mm end as viable_mm
  from lesion
  join assessment as baseline on baseline.patient_id = lesion.patient_id and baseline.is_baseline
  left join lesion_measure as measure on measure.patient_id = lesion.patient_id
    and measure.lesion_id = lesion.lesion_id and measure.visit = baseline.visit
),

criteria as (
  select setting_response.criterion, setting_response.viable, setting_response.reader as wanted_reader, at_baseline.*,
    organ like 'liver%' and not is_lymph_node as intrahepatic,
    setting_response.viable and (organ like '%effusion%' or organ like '%ascites%') as needs_cytology,
    setting_response.viable and is_lymph_node and diameter_mm < 20
      and (organ like '%porta hepatis%' or organ like '%periportal%') as benign_node
  from at_baseline
  cross join setting_response
),

followed as (
  select criteria.*,
    case
      when first_visit > baseline_visit then 'new'
      when viable and organ like '%portal vein%' then 'non-target'
      when role = 'target' and diameter_mm is not null then 'target'
      else 'non-target'
    end as followed_as,
    coalesce(viable and intrahepatic and viable_mm > 0, false) as by_viable
  from criteria
  where not coalesce(needs_cytology, false) and not coalesce(benign_node, false)
    and (wanted_reader is null or reader = wanted_reader)
),

whole as (
  select * from followed where followed_as in ('target', 'non-target')
),

new_nodule as (
  select distinct patient_id, lesion_id, first_visit from followed where followed_as = 'new' and viable and intrahepatic
),

first_size as (
  select new_nodule.patient_id, new_nodule.lesion_id, measure.diameter_mm
  from new_nodule
  join lesion_measure as measure on measure.patient_id = new_nodule.patient_id
    and measure.lesion_id = new_nodule.lesion_id and measure.visit = new_nodule.first_visit
),

nodule as (
  select measure.patient_id, measure.lesion_id,
    min(case when measure.diameter_mm >= 10 and measure.viable_mm > 0 then measure.visit end) as enhancing_visit,
    max(case when measure.diameter_mm >= first_size.diameter_mm + 10 then 1 else 0 end) = 1 as grown
  from new_nodule
  join lesion_measure as measure on measure.patient_id = new_nodule.patient_id
    and measure.lesion_id = new_nodule.lesion_id
  left join first_size on first_size.patient_id = measure.patient_id and first_size.lesion_id = measure.lesion_id
  where measure.status <> 'absent'
  group by measure.patient_id, measure.lesion_id
)

select
  followed.criterion, followed.patient_id, followed.lesion_id, followed.is_lymph_node, followed.intrahepatic,
  coalesce(whole.followed_as, followed.followed_as) as followed_as,
  coalesce(whole.by_viable, followed.by_viable) as by_viable,
  followed.viable and followed.intrahepatic as viable_counts,
  case
    when followed.first_visit <= followed.baseline_visit or whole.lesion_id is not null then null
    when followed.viable and followed.intrahepatic
      then case when nodule.grown then followed.first_visit else nodule.enhancing_visit end
    else followed.first_visit
  end as new_from_visit,
  case when whole.lesion_id is not null then followed.first_visit end as part_from_visit
from followed
left join nodule on nodule.patient_id = followed.patient_id and nodule.lesion_id = followed.lesion_id
left join whole on whole.criterion = followed.criterion and whole.patient_id = followed.patient_id
  and whole.lesion_id = followed.split_from and followed.followed_as = 'new'
order by followed.criterion, followed.patient_id, followed.lesion_id
