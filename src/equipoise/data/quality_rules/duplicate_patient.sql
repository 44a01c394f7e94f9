-- Perhaps one person under two identifiers: same sex and age (one year apart at most; what is not recorded
-- speaks for neither) and at least five laboratory results equal
-- in date, analyte and value, that chance does not explain. A result speaks by how rare its value is among those of its analyte:
-- the sum of -ln(share) must exceed 2 ln(patients) + 10, so that over all pairs, and all choices of five of twenty results, less
-- than one pair is expected by chance. Results that more than twenty patients share on a day are no evidence (and keep the work
-- proportional to the rows). The later row of the patient table is named.
with
person as (
  select patient.patient_id, coalesce(patient.sex, '') as sex, patient.age_index, patient.source_row, lab.date, lab.analyte, lab.value
  from patient
  join lab on lab.patient_id = patient.patient_id
),

weighed as (
  select *,
    -ln(count(*) over (partition by analyte, value) / cast(count(*) over (partition by analyte) as double)) as evidence,
    count(*) over (partition by date, analyte, value, sex) as sharing
  from person
),

pair as (
  select first.patient_id as first_id, second.patient_id, second.source_row
  from weighed as first
  join weighed as second on second.date = first.date and second.analyte = first.analyte and second.value = first.value
    and second.sex = first.sex
  where first.source_row < second.source_row and coalesce(abs(first.age_index - second.age_index), 0) <= 1 and first.sharing <= 20
  group by first.patient_id, second.patient_id, second.source_row
  having count(*) >= 5 and sum(first.evidence) > 2 * ln((select count(*) from patient)) + 10
)
select distinct patient_id, 'patient' as source_table, source_row
from pair
