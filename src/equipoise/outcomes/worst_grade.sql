-- worst_grade: the highest grade of each term and analysed patient among the adverse events that count (safety_event)
select patient_id, term, max(grade) as grade
from safety_event
group by patient_id, term
order by term, patient_id
