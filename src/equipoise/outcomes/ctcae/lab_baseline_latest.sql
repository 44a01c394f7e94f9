-- lab_baseline without windows: for each patient and analyte the latest record on or before the index date; records of one
-- day: the later row of the file. Used only where no relation baseline_record is there.
with
ranked as (
  select
    lab.patient_id, lab.source_row,
    row_number() over (partition by lab.patient_id, lab.analyte order by lab.date desc, lab.source_row desc) as nth
  from observed_lab as lab
  join cohort on cohort.patient_id = lab.patient_id
  where lab.date <= cohort.index_date
)

select patient_id, source_row
from ranked
where nth = 1
order by patient_id, source_row
