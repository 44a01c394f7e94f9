-- lesion_role: how each lesion is followed under each criterion, from the baseline scan on.
-- target: named a target and measured at the baseline scan; new: first seen after it; the others are non-target, so that
-- a lesion that was new under the line before belongs to the disease at baseline.
-- mRECIST (Lencioni & Llovet, Semin Liver Dis 2010;30:52) measures the enhancing diameter of intrahepatic targets that
-- enhance at baseline; targets without enhancement and those outside the liver are measured as in RECIST 1.1. A thrombus
-- of the portal vein is non-target. A node at the porta hepatis is malignant from 20 mm short axis. Effusion and ascites
-- count only with cytology, which is not in the data, so they are left out. A new nodule of the liver counts from 10 mm
-- with enhancement, or from its first visit once it has grown by 10 mm.
with
at_baseline as (
  select lesion.patient_id, lesion.lesion_id, lesion.role, lower(lesion.organ) as organ, lesion.is_lymph_node,
    lesion.first_visit, baseline.visit as baseline_visit,
    case when measure.status = 'present' then measure.diameter_mm end as diameter_mm,
    case when measure.status = 'present' then measure.viable_mm end as viable_mm
  from lesion
  join assessment as baseline on baseline.patient_id = lesion.patient_id and baseline.is_baseline
  left join lesion_measure as measure on measure.patient_id = lesion.patient_id
    and measure.lesion_id = lesion.lesion_id and measure.visit = baseline.visit
),

criteria as (
  select setting_response.criterion, setting_response.viable, at_baseline.*,
    organ like 'liver%' and not is_lymph_node as intrahepatic,
    setting_response.viable and (organ like '%effusion%' or organ like '%ascites%') as needs_cytology,
    setting_response.viable and is_lymph_node and diameter_mm < 20
      and (organ like '%porta hepatis%' or organ like '%periportal%') as benign_node
  from at_baseline
  cross join setting_response
),

first_size as (
  select lesion.patient_id, lesion.lesion_id, measure.diameter_mm
  from lesion
  join lesion_measure as measure on measure.patient_id = lesion.patient_id
    and measure.lesion_id = lesion.lesion_id and measure.visit = lesion.first_visit
),

nodule as (
  select measure.patient_id, measure.lesion_id,
    min(case when measure.diameter_mm >= 10 and measure.viable_mm > 0 then measure.visit end) as enhancing_visit,
    max(case when measure.diameter_mm >= first_size.diameter_mm + 10 then 1 else 0 end) = 1 as grown
  from lesion_measure as measure
  left join first_size on first_size.patient_id = measure.patient_id and first_size.lesion_id = measure.lesion_id
  where measure.status <> 'absent'
  group by measure.patient_id, measure.lesion_id
)

select
  criteria.criterion, criteria.patient_id, criteria.lesion_id, criteria.is_lymph_node, criteria.intrahepatic,
  case
    when first_visit > baseline_visit then 'new'
    when viable and organ like '%portal vein%' then 'non-target'
    when role = 'target' and diameter_mm is not null then 'target'
    else 'non-target'
  end as followed_as,
  coalesce(viable and intrahepatic and viable_mm > 0, false) as by_viable,
  viable and intrahepatic as viable_counts,
  case
    when first_visit <= baseline_visit then null
    when viable and intrahepatic then case when nodule.grown then first_visit else nodule.enhancing_visit end
    else first_visit
  end as new_from_visit
from criteria
left join nodule on nodule.patient_id = criteria.patient_id and nodule.lesion_id = criteria.lesion_id
where not coalesce(needs_cytology, false) and not coalesce(benign_node, false)
order by criterion, criteria.patient_id, criteria.lesion_id
