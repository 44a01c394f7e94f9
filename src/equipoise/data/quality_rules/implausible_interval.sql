-- Dates that cannot be apart as they are: diagnosis after the index date, a dosing interval of more than ten years.
select patient.patient_id, 'patient' as source_table, patient.source_row
from patient
join cohort on cohort.patient_id = patient.patient_id
where patient.diagnosis_date > cohort.index_date
union all
select patient_id, 'exposure', source_row
from exposure
where date_diff('day', start, stop) > 3653
