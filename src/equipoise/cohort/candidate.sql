-- candidate: the patients of whom an exclusion asks what was derived at baseline: those with an index date whom no reason
-- before the first such exclusion leaves out (earlier_hit). The arm is empty where the treatment is none of the arms.
select i.patient_id, coalesce(v.arm, '') as arm, i.index_date, i.source_row
from index_row i
left join arm_value v on v.value = i.treatment
where i.patient_id not in (select patient_id from earlier_hit)
order by i.patient_id
