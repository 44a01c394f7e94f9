-- baseline_record: the record behind each baseline value. The only place of Equipoise that picks a record by date.
-- For each patient and item: the latest record on or before the index date inside the item's window (setting_window);
-- records of one day: the later row of the file. A record between flagged_from and the first day of the window is older
-- than any inside it, so it is used only where the window is empty, and is flagged. No record after the index date is
-- seen: the last day of a window is never later than day 0. Of the many rows of a table those of no window are left behind
-- where it is read (span: the days that any window of the table asks for); units are looked up for what the windows leave.
with
span as (
  select source_table, min(flagged_from) as earliest, max(last_day) as latest from setting_window group by source_table
),

near as (
  select
    observation.patient_id, 'observation' as source_table, observation.item as recorded_as, observation.date,
    date_diff('day', cohort.index_date, observation.date) as day, cast(null as double) as value,
    trim(observation.value) as text_value, observation.unit, observation.source_row, cast(null as double) as lln,
    cast(null as double) as uln
  from observation
  join cohort on cohort.patient_id = observation.patient_id
  where date_diff('day', cohort.index_date, observation.date) between (select earliest from span where source_table = 'observation')
    and (select latest from span where source_table = 'observation')
  union all
  select
    lab.patient_id, 'lab', lab.analyte, lab.date, date_diff('day', cohort.index_date, lab.date), lab.value,
    coalesce(lab.comparator, '='), lab.unit, lab.source_row, lab.lln, lab.uln
  from lab
  join cohort on cohort.patient_id = lab.patient_id
  where date_diff('day', cohort.index_date, lab.date) between (select earliest from span where source_table = 'lab')
    and (select latest from span where source_table = 'lab')
  union all
  select
    scan.patient_id, 'visit_imaging', 'visit', scan.date, date_diff('day', cohort.index_date, scan.date),
    cast(scan.visit as double), scan.modality, cast(null as varchar), scan.source_row, cast(null as double),
    cast(null as double)
  from visit_imaging as scan
  join cohort on cohort.patient_id = scan.patient_id
  where date_diff('day', cohort.index_date, scan.date) between (select earliest from span where source_table = 'visit_imaging')
    and (select latest from span where source_table = 'visit_imaging')
    and scan.evaluable
  union all
  select
    record.patient_id, record.source_table, record.recorded_as, record.date,
    date_diff('day', cohort.index_date, record.date), record.value, record.text_value, cast(null as varchar),
    record.source_row, cast(null as double), cast(null as double)
  from pack_record as record
  join cohort on cohort.patient_id = record.patient_id
),

allowed as (
  select near.*, setting_window.item, setting_window.kind, near.day < setting_window.first_day as flagged
  from near
  join setting_window on setting_window.source_table = near.source_table
    and setting_window.recorded_as = near.recorded_as
  where near.day >= setting_window.flagged_from and near.day <= setting_window.last_day and near.day <= 0
),

in_one_unit as (
  select patient_id, item, kind, source_table, date, day, source_row, flagged, text_value, value, unit, lln, uln
  from allowed
  where source_table <> 'lab'
  union all
  select
    patient_id, item, kind, source_table, date, day, source_row, flagged, text_value,
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
