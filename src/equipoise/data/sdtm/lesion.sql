-- lesion: the tumors that TU identifies, of the chosen evaluator; the first row of a lesion gives its role and place. It is
-- first seen at the first imaging visit that is not before its own.
with
identified as (
  select USUBJID, TULNKID, cast(VISITNUM as double) as visitnum, upper(coalesce(TUSTRESC, TUORRES)) as role,
    lower(coalesce(TULOC, 'not recorded')) as organ,
    row_number() over (partition by USUBJID, TULNKID order by cast(VISITNUM as double), source_row) as nth
  from sdtm_tu
  cross join setting_sdtm as setting
  where TULNKID is not null and upper(TUTESTCD) = 'TUMIDENT'
    and (TUEVAL is null or upper(TUEVAL) = setting.evaluator) and (setting.evaluator_id = '' or upper(TUEVALID) = setting.evaluator_id)
),

last_scan as (
  select USUBJID, max(visit) as visit from sdtm_scan group by USUBJID
),

seen as (
  select identified.USUBJID, identified.TULNKID, identified.role, identified.organ,
    min(case when scan.visitnum >= identified.visitnum then scan.visit end) as first_visit
  from identified
  join sdtm_scan as scan on scan.USUBJID = identified.USUBJID
  where identified.nth = 1
  group by identified.USUBJID, identified.TULNKID, identified.role, identified.organ
)

select
  seen.USUBJID as patient_id,
  seen.TULNKID as lesion_id,
  case when role like 'TARGET%' then 'target' when role like 'NEW%' then 'new' else 'non-target' end as role,
  organ,
  organ like '%node%' as is_lymph_node,
  coalesce(seen.first_visit, last_scan.visit) as first_visit
from seen
join last_scan on last_scan.USUBJID = seen.USUBJID
order by seen.USUBJID, seen.TULNKID
