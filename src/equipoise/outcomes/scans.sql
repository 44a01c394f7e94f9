-- scan_reading: per criterion and scan, what the lesions show: counts, the sum of the targets that were assessed, what is
-- gone, what progressed, what is new. A lesion of the baseline without a row at a scan was looked for there (looked_for) and
-- not assessed; a new one stays what it was, and a part that a lesion split off is absent before its first visit, without a row.
-- Gone: absent, a node below 10 mm short axis, or (mRECIST, in the liver) no enhancement left.
-- Too small to measure: small_lesion_mm, unless a size is given. Merged: measured with another lesion, adds nothing and shares
-- its fate. A part of a lesion that split adds nothing before its first visit. A lesion that was new at the scan of a restart,
-- or before it, is a non-target of the baseline that this scan has become.
with
role as (
  select * from lesion_role where patient_id in (select patient_id from assessment)
),

looked_for as (
  select
    criterion, patient_id,
    count(*) filter (where followed_as = 'target') as n_targets,
    count(*) filter (where followed_as = 'non-target') as n_nontargets
  from role
  group by criterion, patient_id
),

reading as (
  select role.criterion, role.patient_id, measure.visit, role.followed_as, false as turned, role.is_lymph_node,
    role.by_viable, role.viable_counts, role.new_from_visit, measure.diameter_mm, measure.viable_mm, measure.status
  from role
  join lesion_measure as measure on measure.patient_id = role.patient_id and measure.lesion_id = role.lesion_id
  where role.new_from_visit is null and role.part_from_visit is null
  union all
  select role.criterion, role.patient_id, scan.visit, role.followed_as,
    coalesce(role.followed_as = 'new' and scan.nth > restart.nth and role.new_from_visit <= restart.visit, false) as turned,
    role.is_lymph_node, role.by_viable, role.viable_counts, role.new_from_visit, measure.diameter_mm, measure.viable_mm,
    case when scan.visit < role.part_from_visit then 'absent' else measure.status end as status
  from role
  join assessment as scan on scan.patient_id = role.patient_id
  left join lesion_measure as measure on measure.patient_id = role.patient_id
    and measure.lesion_id = role.lesion_id and measure.visit = scan.visit
  left join restart on restart.criterion = role.criterion and restart.patient_id = role.patient_id
  where role.new_from_visit is not null or role.part_from_visit is not null
),

seen as (
  select reading.criterion, reading.patient_id, reading.visit, is_lymph_node, turned,
    case when turned then 'non-target' else followed_as end as followed_as,
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
),

judged as (
  select
    criterion, patient_id, visit, followed_as, turned, is_lymph_node, size_mm, was_seen,
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
    criterion, patient_id, visit,
    count(*) filter (where followed_as = 'target' and size_mm is not null) as n_measured,
    sum(case when followed_as = 'target' then size_mm end) as known_sum_mm,
    count(*) filter (where followed_as = 'target' and gone) as n_gone,
    count(*) filter (where followed_as = 'target' and not is_lymph_node and size_mm > 0) as n_visible,
    count(*) filter (where turned) as n_turned,
    count(*) filter (where followed_as = 'non-target' and was_seen) as n_nontargets_seen,
    count(*) filter (where followed_as = 'non-target' and gone) as n_nontargets_gone,
    count(*) filter (where followed_as = 'non-target' and progressed) as n_nontargets_progressed,
    count(*) filter (where followed_as = 'new' and is_new) as n_new
  from judged
  group by criterion, patient_id, visit
)

select
  setting_response.criterion, setting_response.minimum_increase_mm, setting_response.progression_from_day, scan.*,
  cast(coalesce(looked_for.n_targets, 0) as integer) as n_targets, cast(coalesce(n_measured, 0) as integer) as n_measured,
  known_sum_mm, cast(coalesce(n_gone, 0) as integer) as n_gone, cast(coalesce(n_visible, 0) as integer) as n_visible,
  cast(coalesce(looked_for.n_nontargets, 0) + coalesce(n_turned, 0) as integer) as n_nontargets,
  cast(coalesce(n_nontargets_seen, 0) as integer) as n_nontargets_seen,
  cast(coalesce(n_nontargets_gone, 0) as integer) as n_nontargets_gone,
  cast(coalesce(n_nontargets_progressed, 0) as integer) as n_nontargets_progressed,
  cast(coalesce(n_new, 0) as integer) as n_new
from assessment as scan
cross join setting_response
left join looked_for on looked_for.patient_id = scan.patient_id and looked_for.criterion = setting_response.criterion
left join counted on counted.patient_id = scan.patient_id and counted.visit = scan.visit
  and counted.criterion = setting_response.criterion
order by setting_response.criterion, scan.patient_id, scan.nth
