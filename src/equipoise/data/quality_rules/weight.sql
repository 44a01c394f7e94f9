-- A weight outside 25 to 250 kg, or one that differs from the weight before by the factor between pounds and kilograms.
with
weighed as (
  select patient_id, source_row, try_cast(value as double) as kg,
    lag(try_cast(value as double)) over (partition by patient_id order by date, source_row) as previous_kg
  from observation
  where item = 'weight_kg'
)
select patient_id, 'observation' as source_table, source_row
from weighed
where kg < 25 or kg > 250 or kg >= 1.8 * previous_kg or previous_kg >= 1.8 * kg
