-- onset_event: the first adverse event of the declared term and grade on or after the index date, whatever its attribution
with
happened as (
  select setting.name, ae.patient_id, date_diff('day', cohort.index_date, ae.start) as day, ae.grade,
    row_number() over (partition by setting.name, ae.patient_id order by ae.start, ae.source_row) as nth
  from setting_onset as setting
  join observed_ae as ae on lower(trim(ae.ctcae_term)) = setting.term and ae.grade >= setting.grade_from
  join cohort on cohort.patient_id = ae.patient_id
  where setting.kind = 'adverse_event' and ae.start >= cohort.index_date
)

select name, patient_id, day, case when grade >= 3 then 'grade 3-5' else 'grade 1-2' end as type
from happened
where nth = 1
order by name, patient_id
