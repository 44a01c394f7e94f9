-- Progression, clinical or by a lesion's unequivocal growth, dated after the death.
with
progression as (
  select patient_id, progression_date as date, 'followup' as source_table, source_row
  from followup
  union all
  select visit.patient_id, visit.date, 'lesion_measure', measure.source_row
  from lesion_measure as measure
  join visit_imaging as visit on visit.patient_id = measure.patient_id and visit.visit = measure.visit
  where measure.status = 'unequivocal progression'
)
select progression.patient_id, progression.source_table, progression.source_row
from progression
join followup on followup.patient_id = progression.patient_id
where progression.date > followup.death_date
