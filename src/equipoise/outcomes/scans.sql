-- scan_reading: per criterion and scan, what the lesions show: counts, the sum of the targets that were assessed, what is
-- gone, what progressed, what is new. A lesion without a row at a scan was not assessed there.
-- Gone: absent, a node below 10 mm short axis, or (mRECIST, in the liver) no enhancement left.
-- Too small to measure: small_lesion_mm, unless a size is given. Merged: measured with another lesion, adds nothing and shares
-- its fate. A part of a lesion that split adds nothing before its first visit. A lesion that was new at the scan of a restart,
-- or before it, is a non-target of the baseline that this scan has become.
with
reading as (
  select role.*, scan.nth, scan.visit, measure.diameter_mm, measure.viable_mm,
    case when scan.visit < role.part_from_visit then 'absent' else measure.status end as status
  from lesion_role as role
  join assessment as scan on scan.patient_id = role.patient_id
  left join lesion_measure as measure on measure.patient_id = role.patient_id
    and measure.lesion_id = role.lesion_id and measure.visit = scan.visit
),

seen as (
  select reading.criterion, reading.patient_id, reading.nth, is_lymph_node,
    case
      when followed_as = 'new' and reading.nth > restart.nth and new_from_visit <= restart.visit then 'non-target'
      else followed_as
    end as followed_as,
    new_from_visit <= reading.visit and coalesce(status, 'present') <> 'absent' as is_new,
    coalesce(status, 'not assessable') <> 'not assessable' as was_seen,
    status = 'unequivocal progression' as progressed,
    viable_counts, status, viable_mm,
    case when status = 'too small to measure' then coalesce(diameter_mm, small_lesion_mm) else diameter_mm end as diameter_mm,
    case
      when status in ('absent', 'merged') then 0.0
      when status = 'not assessable' then null
      when status = 'too small to measure'
        then coalesce(case when by_viable then viable_mm else diameter_mm end, small_lesion_mm)
      when by_viable then viable_mm
      else diameter_mm
    end as size_mm
  from reading
  join setting_response on setting_response.criterion = reading.criterion
  left join restart on restart.criterion = reading.criterion and restart.patient_id = reading.patient_id
),

judged as (
  select
    criterion, patient_id, nth, followed_as, is_lymph_node, size_mm, was_seen,
    coalesce(progressed, false) as progressed, coalesce(is_new, false) as is_new,
    case
      when not was_seen then false
      when status in ('absent', 'merged') then true
      when is_lymph_node then coalesce(diameter_mm < 10, false)
      when followed_as = 'target' then coalesce(size_mm = 0, false)
      when viable_counts then coalesce(viable_mm = 0, false)
      else false
    end as gone
  from seen
),

counted as (
  select
    criterion, patient_id, nth,
    sum(case when followed_as = 'target' then 1 else 0 end) as n_targets,
    sum(case when followed_as = 'target' and size_mm is not null then 1 else 0 end) as n_measured,
    sum(case when followed_as = 'target' then size_mm end) as known_sum_mm,
    sum(case when followed_as = 'target' and gone then 1 else 0 end) as n_gone,
    sum(case when followed_as = 'target' and not is_lymph_node and size_mm > 0 then 1 else 0 end) as n_visible,
    sum(case when followed_as = 'non-target' then 1 else 0 end) as n_nontargets,
    sum(case when followed_as = 'non-target' and was_seen then 1 else 0 end) as n_nontargets_seen,
    sum(case when followed_as = 'non-target' and gone then 1 else 0 end) as n_nontargets_gone,
    sum(case when followed_as = 'non-target' and progressed then 1 else 0 end) as n_nontargets_progressed,
    sum(case when followed_as = 'new' and is_new then 1 else 0 end) as n_new
  from judged
  group by criterion, patient_id, nth
)

select
  setting_response.criterion, setting_response.minimum_increase_mm, setting_response.progression_from_day, scan.*,
  coalesce(n_targets, 0) as n_targets, coalesce(n_measured, 0) as n_measured, known_sum_mm, coalesce(n_gone, 0) as n_gone,
  coalesce(n_visible, 0) as n_visible, coalesce(n_nontargets, 0) as n_nontargets,
  coalesce(n_nontargets_seen, 0) as n_nontargets_seen, coalesce(n_nontargets_gone, 0) as n_nontargets_gone,
  coalesce(n_nontargets_progressed, 0) as n_nontargets_progressed, coalesce(n_new, 0) as n_new
from assessment as scan
cross join setting_response
left join counted on counted.patient_id = scan.patient_id and counted.nth = scan.nth
  and counted.criterion = setting_response.criterion
order by setting_response.criterion, scan.patient_id, scan.nth
