-- sdtm_scan: the imaging visits of the chosen evaluator, numbered from 0 in the order of VISITNUM. A visit has a row of TR
-- or an overall response of RS; its date is the earliest of TR, and of RS where TR has none. A visit could not be read where TR has
-- no result of any tumor and RS calls the response not evaluable, or says nothing.
with
evaluated as (
  select USUBJID, cast(VISITNUM as double) as visitnum, VISIT, TRDTC as dtc, TRMETHOD as method, 1 as source,
    TREVALID as evalid, case when TRSTRESC is not null then 1 else 0 end as read
  from sdtm_tr
  cross join setting_sdtm as setting
  where VISITNUM is not null and TRDTC is not null
    and (TREVAL is null or upper(TREVAL) = setting.evaluator) and (setting.evaluator_id = '' or upper(TREVALID) = setting.evaluator_id)
  union all
  select USUBJID, cast(VISITNUM as double), VISIT, RSDTC, null, 2, RSEVALID,
    case when coalesce(upper(RSSTRESC), '') <> 'NE' then 1 else 0 end
  from sdtm_rs
  cross join setting_sdtm as setting
  where VISITNUM is not null and RSDTC is not null and upper(RSTESTCD) = 'OVRLRESP'
    and (RSEVAL is null or upper(RSEVAL) = setting.evaluator) and (setting.evaluator_id = '' or upper(RSEVALID) = setting.evaluator_id)
),

dated as (
  select USUBJID, visitnum, min(VISIT) as visit_name, max(method) as method, min(evalid) as evalid, max(read) = 1 as evaluable,
    coalesce(min(case when source = 1 then dtc end), min(dtc)) as dtc
  from evaluated
  group by USUBJID, visitnum
)

select USUBJID, visitnum, visit_name, method, evalid, evaluable, dtc,
  row_number() over (partition by USUBJID order by visitnum) - 1 as visit
from dated
order by USUBJID, visitnum
