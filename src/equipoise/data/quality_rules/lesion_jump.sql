-- A target lesion that grows or shrinks fivefold between neighbouring scans, both at least 2 mm: most often centimetres
-- written as millimetres. Lesions that vanish (0 mm) are not meant.
with
measured as (
  select measure.patient_id, measure.lesion_id, measure.visit, measure.diameter_mm, measure.source_row,
    lag(measure.diameter_mm) over (partition by measure.patient_id, measure.lesion_id order by measure.visit) as previous_mm
  from lesion_measure as measure
  join lesion on lesion.patient_id = measure.patient_id and lesion.lesion_id = measure.lesion_id
  where lesion.role = 'target' and measure.diameter_mm >= 2
)
select patient_id, 'lesion_measure' as source_table, source_row
from measured
where diameter_mm >= 5 * previous_mm or previous_mm >= 5 * diameter_mm
