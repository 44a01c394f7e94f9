-- The same laboratory value or finding of a patient twice on one day with different results. Results are compared in the
-- unit that the analyte is analysed in, so that one result in two units is one. The later rows are named. What stands once,
-- as nearly all do, is left aside before results are read.
with
repeated_lab as (
  select patient_id, date, analyte
  from lab
  group by patient_id, date, analyte
  having count(*) > 1
),

repeated_observation as (
  select patient_id, date, item
  from observation
  group by patient_id, date, item
  having count(*) > 1
),

result as (
  select lab.patient_id, 'lab' as source_table, lab.source_row, lab.date, lab.analyte as item,
    concat(coalesce(lab.comparator, '='),
      round(lab.value * coalesce(unit_factor.multiply_by, 1) / coalesce(unit_factor.divide_by, 1), 2)) as value
  from lab
  join repeated_lab on repeated_lab.patient_id = lab.patient_id and repeated_lab.date = lab.date
    and repeated_lab.analyte = lab.analyte
  left join unit_factor on unit_factor.analyte = lab.analyte and unit_factor.unit = lower(coalesce(trim(lab.unit), ''))
  union all
  select observation.patient_id, 'observation', observation.source_row, observation.date, observation.item,
    lower(trim(observation.value))
  from observation
  join repeated_observation on repeated_observation.patient_id = observation.patient_id
    and repeated_observation.date = observation.date and repeated_observation.item = observation.item
),

compared as (
  select *,
    row_number() over (partition by patient_id, source_table, date, item order by source_row) as nth,
    min(value) over (partition by patient_id, source_table, date, item) as least,
    max(value) over (partition by patient_id, source_table, date, item) as greatest
  from result
)
select patient_id, source_table, source_row
from compared
where nth > 1 and least <> greatest
