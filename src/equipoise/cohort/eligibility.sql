-- One row per patient at the start, with the first criterion that excludes the patient (null: analysed).
-- criterion_hit: (patient_id, ord), a row per patient and declared criterion that applies, in the order of the protocol.
with first_hit as (
  select patient_id, min(ord) as ord
  from criterion_hit
  group by patient_id
)
select s.patient_id, h.ord as exclusion
from screened s
left join first_hit h on h.patient_id = s.patient_id
order by s.patient_id
