-- observation: weight and height of VS in standard units (kg, lb, g; cm, m, in), and the items of QS, RS and FA
-- that have test codes: ECOG and Karnofsky performance status by CDISC's, others by those that the protocol names (codes). An item
-- of words has the words of the contract, true and false also Y and N; a length has its unit. A record without a date or a value is
-- left out and counted.
with
vital as (
  select vs.USUBJID, vs.VSDTC as dtc, vital.item, cast(cast(vs.VSSTRESN as double) * vital.multiply_by as varchar) as value,
    case vital.item when 'weight_kg' then 'kg' when 'height_cm' then 'cm' end as unit, 1 as source, vs.source_row
  from sdtm_vs as vs
  join sdtm_vital as vital on vital.code = upper(vs.VSTESTCD) and vital.unit = lower(coalesce(vs.VSSTRESU, ''))
),

recorded as (
  select USUBJID, QSDTC as dtc, upper(QSTESTCD) as code, QSSTRESN as number, QSSTRESC as text, cast(null as varchar) as unit, 2 as source,
    source_row
  from sdtm_qs
  union all
  select USUBJID, RSDTC, upper(RSTESTCD), RSSTRESN, RSSTRESC, null, 3, source_row from sdtm_rs
  union all
  select USUBJID, FADTC, upper(FATESTCD), FASTRESN, FASTRESC, FASTRESU, 4, source_row from sdtm_fa
),

scale as (
  select recorded.USUBJID, recorded.dtc, scale.item,
    case
      when scale.kind <> 'number' then coalesce(word.word, recorded.text)
      when scale.item not in (select item from sdtm_length)
      then cast(try_cast(coalesce(recorded.number, recorded.text) as double) as varchar)
      else cast(try_cast(coalesce(recorded.number, recorded.text) as double) * length.multiply_by as varchar)
    end as value,
    case when length.item is not null then 'cm' end as unit, recorded.source, recorded.source_row
  from recorded
  join sdtm_scale as scale on scale.code = recorded.code
  left join sdtm_word as word on word.item = scale.item and word.given = lower(recorded.text)
  left join sdtm_length as length on length.item = scale.item and length.unit = lower(recorded.unit)
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
  value,
  unit
from found
where dtc is not null and value is not null
order by USUBJID, dtc, item, source, source_row
