-- A scan dated before a scan of a lower visit number: one of the dates, or the number, is wrong.
with
ordered as (
  select patient_id, date, source_row,
    max(date) over (partition by patient_id order by visit rows between unbounded preceding and 1 preceding) as latest_before
  from visit_imaging
)
select patient_id, 'visit_imaging' as source_table, source_row
from ordered
where date < latest_before
