-- The last contact is later than the death.
select patient_id, 'followup' as source_table, source_row
from followup
where last_contact > death_date
