-- patient: one row per subject of DM. AGE is the age at the reference start date, which is the first dose.
select
  USUBJID as patient_id,
  SITEID as site,
  case when upper(SEX) in ('M', 'F') then upper(SEX) end as sex,
  case when upper(coalesce(AGEU, 'YEARS')) = 'YEARS' then cast(floor(cast(AGE as double)) as bigint) end as age_index
from sdtm_dm
order by USUBJID
