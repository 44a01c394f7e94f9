-- source_day: the dated rows of every source as days from the index date, with the day of the data cut-off
select record.source, record.patient_id, record.source_row, record.date, cutoff.data_cutoff,
  date_diff('day', cohort.index_date, record.date) as day,
  date_diff('day', cohort.index_date, cutoff.data_cutoff) as cutoff_day
from source_record as record
join cohort on cohort.patient_id = record.patient_id
join patient_cutoff as cutoff on cutoff.patient_id = record.patient_id
