-- lab_baseline: the row of `lab` behind each laboratory baseline, as chosen by derive/windows.sql.
select patient_id, source_row
from baseline_record
where source_table = 'lab'
order by patient_id, source_row
