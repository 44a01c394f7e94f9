-- A visit, result, dose or event dated after the patient's death. dated_record: every dated row of every table.
select record.patient_id, record.source_table, record.source_row
from dated_record as record
join followup on followup.patient_id = record.patient_id
where record.date > followup.death_date
