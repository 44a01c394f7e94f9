-- lesion_measure: what TR says of each lesion at each visit. Targets: the short axis (LPERP) of a node, else the longest
-- diameter (LDIAM), or DIAMETER where these are not given. Others: the state (TUMSTATE). A new lesion that is equivocal is not
-- assessable until it is unequivocal. The enhancing diameter is of the test codes that the protocol names (codes: viable_mm). A lesion without a result has no row: it was not assessed.
with
result as (
  select USUBJID, TRLNKID, cast(VISITNUM as double) as visitnum, upper(TRTESTCD) as test, upper(TRSTRESC) as state,
    cast(TRSTRESN as double) * case when lower(TRSTRESU) = 'cm' then 10 else 1 end as size_mm
  from sdtm_tr
  cross join setting_sdtm as setting
  where TRLNKID is not null and TRSTRESC is not null
    and (TREVAL is null or upper(TREVAL) = setting.evaluator) and (setting.evaluator_id = '' or upper(TREVALID) = setting.evaluator_id)
),

side_by_side as (
  select result.USUBJID, result.TRLNKID, scan.visit,
    max(case when test = 'LPERP' then size_mm end) as short_mm,
    max(case when test = 'LDIAM' then size_mm end) as long_mm,
    max(case when test = 'DIAMETER' then size_mm end) as either_mm,
    max(case when test in (select code from sdtm_viable) then size_mm end) as viable_mm,
    max(case when test = 'TUMSTATE' then state end) as state
  from result
  join sdtm_scan as scan on scan.USUBJID = result.USUBJID and scan.visitnum = result.visitnum
  where test in ('LPERP', 'LDIAM', 'DIAMETER', 'TUMSTATE') or test in (select code from sdtm_viable)
  group by result.USUBJID, result.TRLNKID, scan.visit
),

measured as (
  select side_by_side.*, lesion.role,
    case when lesion.is_lymph_node then coalesce(short_mm, either_mm) else coalesce(long_mm, either_mm) end as diameter_mm
  from side_by_side
  join sdtm_lesion as lesion on lesion.patient_id = side_by_side.USUBJID and lesion.lesion_id = side_by_side.TRLNKID
)

select
  USUBJID as patient_id,
  TRLNKID as lesion_id,
  visit,
  diameter_mm,
  viable_mm,
  case
    when role = 'target' then 'present'
    when role = 'new' and state = 'EQUIVOCAL' then 'not assessable'
    when state = 'ABSENT' then 'absent'
    when role = 'non-target' and state like 'UNEQUIVOCAL%' then 'unequivocal progression'
    else 'present'
  end as status
from measured
where diameter_mm is not null or viable_mm is not null or (role <> 'target' and state is not null)
order by USUBJID, TRLNKID, visit
