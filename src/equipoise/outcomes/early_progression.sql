-- early_progression: progression that belongs to the line before, because it is dated before the endpoint's
-- progression_from_day: listed, not counted as an event
select setting.endpoint, record.patient_id, setting.source, date_diff('day', cohort.index_date, record.date) as day
from setting_endpoint as setting
join source_record as record on record.source = setting.source
join cohort on cohort.patient_id = record.patient_id
where setting.role = 'event' and setting.first_day > 0
  and record.date >= cohort.index_date and date_diff('day', cohort.index_date, record.date) < setting.first_day
order by setting.endpoint, record.patient_id, setting.source
