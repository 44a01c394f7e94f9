-- assessment: the scans that count, in order: the baseline scan (chosen in derive/windows.sql) and every scan after the index
-- date. Patients without a baseline scan keep their later scans, which then cannot be evaluated.
with
chosen as (
  select scan.patient_id, scan.visit, scan.date, date_diff('day', cohort.index_date, scan.date) as day, scan.evaluable,
    scan.source_row, item.baseline_visit, coalesce(scan.visit = item.baseline_visit, false) as is_baseline
  from observed_visit_imaging as scan
  join cohort on cohort.patient_id = scan.patient_id
  join baseline_item as item on item.patient_id = scan.patient_id
  where scan.date > cohort.index_date or scan.visit = item.baseline_visit
)

select *, row_number() over (partition by patient_id order by date, visit) as nth
from chosen
order by patient_id, nth
