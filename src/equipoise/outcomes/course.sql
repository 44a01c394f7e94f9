-- course: what else befell each analysed patient: stopped for an adverse event, the third line and its first day
with
stopped as (
  select patient_id, max(case when stop_reason = 'AE' then 1 else 0 end) as for_ae from observed_exposure group by patient_id
),

third as (
  select therapy.patient_id, therapy.regimen, date_diff('day', cohort.index_date, therapy.start) as day
  from observed_subsequent_therapy as therapy
  join cohort on cohort.patient_id = therapy.patient_id
  where therapy.line = 3
)

select cohort.patient_id, coalesce(stopped.for_ae, 0) = 1 as discontinued_for_ae, third.patient_id is not null as third_line,
  third.regimen as third_line_regimen, third.day as third_line_day
from cohort
left join stopped on stopped.patient_id = cohort.patient_id
left join third on third.patient_id = cohort.patient_id
order by cohort.patient_id
