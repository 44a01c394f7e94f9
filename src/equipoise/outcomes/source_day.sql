-- source_day: the dated rows of every source as days from the index date, with the day of the data cut-off
select record.source, record.patient_id, record.source_row, record.date, observed.cutoff_date as data_cutoff,
  date_diff('day', observed.index_date, record.date) as day, observed.cutoff_day
from source_record as record
join observed on observed.patient_id = record.patient_id
