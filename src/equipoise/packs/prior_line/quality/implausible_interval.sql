-- Dates of the line before that cannot be apart as they are: diagnosis after its first infusion, two infusions less than ten
-- days apart.
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
join first_infusion on first_infusion.patient_id = patient.patient_id
where patient.diagnosis_date > first_infusion.date
union all
select patient_id, 'firstline_infusion', source_row
from infusion
where date_diff('day', previous, date) < 10
