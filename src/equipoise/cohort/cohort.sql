-- The analysed patients: no exclusion, with the arm that their treatment stands for and their index date.
with analysed as (
  select e.patient_id, i.treatment, i.index_date, i.source_row
  from eligibility e
  join index_row i on i.patient_id = e.patient_id
  where e.exclusion is null
)
select a.patient_id, v.arm, a.index_date, a.source_row
from analysed a
join arm_value v on v.value = a.treatment
order by a.patient_id
