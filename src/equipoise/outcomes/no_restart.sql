-- no_restart: the shape of `restart` without a row, for the first look at the early scans
select setting_response.criterion, assessment.patient_id, assessment.visit, assessment.nth
from assessment
cross join setting_response
where false
order by assessment.patient_id
