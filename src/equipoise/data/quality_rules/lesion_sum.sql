-- Measurements of which no sum can be made: a viable part larger than its lesion, an absent lesion with a diameter, a
-- diameter over 300 mm, and target lesions beyond five, or beyond two in one organ, of one reader (Eisenhauer et al.,
-- Eur J Cancer 2009;45:228).
with
target as (
  select patient_id, source_row,
    row_number() over (partition by patient_id, reader order by source_row) as nth,
    row_number() over (partition by patient_id, reader, organ order by source_row) as nth_in_organ
  from lesion
  where role = 'target'
)
select patient_id, 'lesion_measure' as source_table, source_row
from lesion_measure
where viable_mm > diameter_mm or (status = 'absent' and diameter_mm > 0) or diameter_mm > 300
union all
select patient_id, 'lesion', source_row
from target
where nth > 5 or nth_in_organ > 2
