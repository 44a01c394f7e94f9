-- The same laboratory value or finding of a patient twice on one day with different results. Results are compared in the
-- unit that the analyte is analysed in, so that one result in two units is one. The later rows are named.
with
result as (
  select lab.patient_id, 'lab' as source_table, lab.source_row, lab.date, lab.analyte as item,
    concat(coalesce(lab.comparator, '='),
      round(lab.value * coalesce(unit_factor.multiply_by, 1) / coalesce(unit_factor.divide_by, 1), 2)) as value
  from lab
  left join unit_factor on unit_factor.analyte = lab.analyte and unit_factor.unit = lower(coalesce(trim(lab.unit), ''))
  union all
  select patient_id, 'observation', source_row, date, item, lower(trim(value))
  from observation
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
