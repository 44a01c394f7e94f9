-- restart: the last scan that showed the progression of the line before, because it came before progression_from_day: the new
-- baseline, from which the nadir restarts
with
progressed as (
  select early.criterion, early.patient_id, early.visit, scan.nth,
    row_number() over (partition by early.criterion, early.patient_id order by scan.nth desc) as place
  from early_response as early
  join setting_response on setting_response.criterion = early.criterion
  join early_assessment as scan on scan.patient_id = early.patient_id and scan.visit = early.visit
  where early.overall = 'PD' and early.day < setting_response.progression_from_day
)

select criterion, patient_id, visit, nth from progressed where place = 1 order by criterion, patient_id
