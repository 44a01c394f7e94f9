-- lab_baseline: the row of `lab` behind each laboratory baseline, as chosen by derive/windows.sql; the inputs of
-- rule packs ('pack:name') may have windows of their own and are left out.
select patient_id, source_row
from baseline_record
where source_table = 'lab' and item not like '%:%'
order by patient_id, source_row
