-- An evaluable scan with measured lesions after the index date, and no evaluable scan on or before it: no response can be
-- judged. The first such scan is named.
with
measured as (
  select visit.patient_id, visit.date, min(visit.source_row) as source_row
  from visit_imaging as visit
  join lesion_measure as measure on measure.patient_id = visit.patient_id and measure.visit = visit.visit
  where visit.evaluable
  group by visit.patient_id, visit.date
),

later as (
  select measured.patient_id, measured.source_row, row_number() over (partition by measured.patient_id order by measured.date) as nth
  from measured
  join cohort on cohort.patient_id = measured.patient_id
  where measured.date > cohort.index_date
),

before as (
  select distinct visit.patient_id
  from visit_imaging as visit
  join cohort on cohort.patient_id = visit.patient_id
  where visit.evaluable and visit.date <= cohort.index_date
)

select later.patient_id, 'visit_imaging' as source_table, later.source_row
from later
where later.nth = 1 and not exists (select 1 from before where before.patient_id = later.patient_id)
