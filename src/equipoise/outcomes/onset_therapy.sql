-- onset_therapy: the first day and the regimen of the declared line of treatment after the index line
with
started as (
  select setting.name, therapy.patient_id, date_diff('day', cohort.index_date, therapy.start) as day, therapy.regimen as type,
    row_number() over (partition by setting.name, therapy.patient_id order by therapy.start, therapy.source_row) as nth
  from setting_onset as setting
  join observed_subsequent_therapy as therapy on therapy.line = setting.line
  join cohort on cohort.patient_id = therapy.patient_id
  where setting.kind = 'subsequent_therapy'
)

select name, patient_id, day, type from started where nth = 1 order by name, patient_id
