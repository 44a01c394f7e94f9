-- One person under two identifiers: same sex and age (one year apart at most) and at least five laboratory results equal in
-- date, analyte and value. The later row of the patient table is named.
with
person as (
  select patient.patient_id, patient.sex, patient.age_index, patient.source_row, lab.date, lab.analyte, lab.value
  from patient
  join lab on lab.patient_id = patient.patient_id
),

pair as (
  select first.patient_id as first_id, second.patient_id, second.source_row
  from person as first
  join person as second on second.date = first.date and second.analyte = first.analyte and second.value = first.value
    and second.sex = first.sex
  where first.source_row < second.source_row and abs(first.age_index - second.age_index) <= 1
  group by first.patient_id, second.patient_id, second.source_row
  having count(*) >= 5
)
select distinct patient_id, 'patient' as source_table, source_row
from pair
