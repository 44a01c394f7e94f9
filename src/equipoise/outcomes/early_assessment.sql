-- early_assessment: the baseline scan and the scans before progression_from_day, of patients who have such an early scan
with
early as (
  select distinct assessment.patient_id
  from assessment
  cross join setting_response
  where not is_baseline and day < progression_from_day
),

bound as (
  select max(progression_from_day) as from_day from setting_response
)

select assessment.*
from assessment
join early on early.patient_id = assessment.patient_id
cross join bound
where is_baseline or day < from_day
order by assessment.patient_id, nth
