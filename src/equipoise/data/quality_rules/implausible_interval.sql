-- Dates that cannot be apart as they are: diagnosis after the index date or after the first infusion of the line before, two
-- infusions less than ten days apart, a dosing interval of more than ten years.
with
infusion as (
  select patient_id, date, source_row, lag(date) over (partition by patient_id order by date, source_row) as previous
  from firstline_infusion
),

first_infusion as (
  select patient_id, min(date) as date
  from firstline_infusion
  group by patient_id
)

select patient.patient_id, 'patient' as source_table, patient.source_row
from patient
left join cohort on cohort.patient_id = patient.patient_id
left join first_infusion on first_infusion.patient_id = patient.patient_id
where patient.diagnosis_date > cohort.index_date or patient.diagnosis_date > first_infusion.date
union all
select patient_id, 'firstline_infusion', source_row
from infusion
where date_diff('day', previous, date) < 10
union all
select patient_id, 'exposure', source_row
from exposure
where date_diff('day', start, stop) > 3653
