-- A fatal adverse event (grade 5, or the outcome fatal) of a patient without a date of death: alive in the follow-up, dead here.
select ae.patient_id, 'ae' as source_table, ae.source_row
from ae
left join followup on followup.patient_id = ae.patient_id
where (ae.grade = 5 or ae.outcome = 'fatal') and followup.death_date is null
