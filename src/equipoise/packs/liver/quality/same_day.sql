-- The same serological test of a patient twice on one day with different results. The later rows are named.
with
compared as (
  select
    patient_id, source_row,
    row_number() over (partition by patient_id, date, test order by source_row) as nth,
    min(result) over (partition by patient_id, date, test) as least,
    max(result) over (partition by patient_id, date, test) as greatest
  from serology
)

select patient_id, 'serology' as source_table, source_row
from compared
where nth > 1 and least <> greatest
