-- observation: weight and height of VS in standard units (kg, lb, g; cm, m, in), ECOG and Karnofsky performance status of QS or
-- RS by CDISC's test codes. A record without a date or a number is left out and counted.
with
vital as (
  select vs.USUBJID, vs.VSDTC as dtc, vital.item, cast(vs.VSSTRESN as double) * vital.multiply_by as value, 1 as source,
    vs.source_row
  from sdtm_vs as vs
  join sdtm_vital as vital on vital.code = upper(vs.VSTESTCD) and vital.unit = lower(coalesce(vs.VSSTRESU, ''))
),

scale as (
  select qs.USUBJID, qs.QSDTC as dtc, scale.item, try_cast(coalesce(qs.QSSTRESN, qs.QSSTRESC) as double) as value, 2 as source,
    qs.source_row
  from sdtm_qs as qs
  join sdtm_scale as scale on scale.code = upper(qs.QSTESTCD)
  union all
  select rs.USUBJID, rs.RSDTC, scale.item, try_cast(coalesce(rs.RSSTRESN, rs.RSSTRESC) as double), 3, rs.source_row
  from sdtm_rs as rs
  join sdtm_scale as scale on scale.code = upper(rs.RSTESTCD)
),

found as (
  select * from vital
  union all
  select * from scale
)

select
  USUBJID as patient_id,
  cast(dtc as date) as date,
  item,
  cast(value as varchar) as value,
  case item when 'weight_kg' then 'kg' when 'height_cm' then 'cm' end as unit
from found
where dtc is not null and value is not null
order by USUBJID, dtc, item, source, source_row
