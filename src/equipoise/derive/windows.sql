-- baseline_record: the record behind each baseline value. The only place of Equipoise that picks a record by date.
-- For each patient and item: the latest record on or before the index date inside the item's window (setting_window);
-- records of one day: the later row of the file. A record between flagged_from and the first day of the window is older
-- than any inside it, so it is used only where the window is empty, and is flagged. No record after the index date is
-- seen: the last day of a window is never later than day 0. Units are looked up for what the windows leave, not for every row.
with
recorded as (
  select patient_id, 'observation' as source_table, item as recorded_as, date, cast(null as double) as value,
    trim(observation.value) as text_value, unit, source_row, cast(null as double) as lln, cast(null as double) as uln
  from observation
  union all
  select patient_id, 'lab', analyte, date, value, comparator, unit, source_row, lln, uln
  from lab
  union all
  select patient_id, 'visit_imaging', 'visit', date, cast(visit as double), modality, cast(null as varchar), source_row,
    cast(null as double), cast(null as double)
  from visit_imaging
  where evaluable
  union all
  select patient_id, source_table, recorded_as, date, value, text_value, cast(null as varchar), source_row,
    cast(null as double), cast(null as double)
  from pack_record
),

dated as (
  select
    recorded.*, setting_window.item, setting_window.kind, date_diff('day', cohort.index_date, recorded.date) as day,
    setting_window.first_day, setting_window.last_day, setting_window.flagged_from
  from recorded
  join cohort on cohort.patient_id = recorded.patient_id
  join setting_window on setting_window.source_table = recorded.source_table
    and setting_window.recorded_as = recorded.recorded_as
),

allowed as (
  select * from dated where day >= flagged_from and day <= last_day and day <= 0
),

in_one_unit as (
  select
    patient_id, item, kind, source_table, date, day, source_row, day < first_day as flagged, text_value, value,
    unit, lln, uln
  from allowed
  where source_table <> 'lab'
  union all
  select
    patient_id, item, kind, source_table, date, day, source_row, day < first_day, coalesce(text_value, '='),
    value * unit_factor.multiply_by / unit_factor.divide_by, unit_factor.canonical_unit,
    lln * unit_factor.multiply_by / unit_factor.divide_by, uln * unit_factor.multiply_by / unit_factor.divide_by
  from allowed
  join unit_factor on unit_factor.analyte = allowed.recorded_as
    and unit_factor.unit = lower(coalesce(trim(allowed.unit), ''))
  where source_table = 'lab'
),

ranked as (
  select *, row_number() over (partition by patient_id, item order by date desc, source_row desc) as nth from in_one_unit
)

select
  patient_id, item,
  case when kind = 'number' and source_table = 'observation' then cast(text_value as double) else value end as value,
  text_value, unit, date, day, source_table, source_row, flagged, lln, uln
from ranked
where nth = 1
order by patient_id, item
