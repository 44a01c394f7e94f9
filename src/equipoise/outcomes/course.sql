-- course: what else befell each analysed patient: stopped for an adverse event; the line after the index line (setting_line),
-- its regimen and first day
with
stopped as (
  select patient_id, max(case when stop_reason = 'AE' then 1 else 0 end) as for_ae from observed_exposure group by patient_id
),

later as (
  select therapy.patient_id, therapy.regimen, date_diff('day', cohort.index_date, therapy.start) as day
  from observed_subsequent_therapy as therapy
  join cohort on cohort.patient_id = therapy.patient_id
  join setting_line on therapy.line = setting_line.line + 1
)

select cohort.patient_id, coalesce(stopped.for_ae, 0) = 1 as discontinued_for_ae,
  later.patient_id is not null as later_line, later.regimen as later_line_regimen, later.day as later_line_day
from cohort
left join stopped on stopped.patient_id = cohort.patient_id
left join later on later.patient_id = cohort.patient_id
order by cohort.patient_id
