-- onset_response: the first visit with a complete or partial response by the declared criterion
with
responded as (
  select setting.name, visit.patient_id, visit.day, visit.overall as type,
    row_number() over (partition by setting.name, visit.patient_id order by visit.day, visit.visit) as nth
  from setting_onset as setting
  join visit_response as visit on visit.criterion = setting.criterion
  where setting.kind = 'response' and visit.overall in ('CR', 'PR') and visit.day > 0 and not visit.line_before
)

select name, patient_id, day, type from responded where nth = 1 order by name, patient_id
