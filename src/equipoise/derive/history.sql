-- treatment_history: what was done before the index date, one row per analysed patient, from prior_treatment (one dated row
-- per procedure) and the infusions of the line before. Where the table prior_treatment was not given every "earlier" column
-- is missing; where it was, a patient without a row of a kind had none of it.
with
given as (
  select count(*) > 0 as any_row from prior_treatment
),

earlier as (
  select prior_treatment.patient_id, prior_treatment.kind
  from prior_treatment
  join cohort on cohort.patient_id = prior_treatment.patient_id and prior_treatment.date <= cohort.index_date
),

by_kind as (
  select
    patient_id,
    max(case when kind = 'TACE' then 1 else 0 end) = 1 as tace,
    max(case when kind = 'RFA' then 1 else 0 end) = 1 as rfa,
    max(case when kind = 'resection' then 1 else 0 end) = 1 as resection,
    max(case when kind = 'transplantation' then 1 else 0 end) = 1 as transplantation,
    max(case when kind = 'radiotherapy' then 1 else 0 end) = 1 as radiotherapy,
    sum(case when kind = 'TACE' then 1 else 0 end) as n_tace
  from earlier
  group by patient_id
),

line_before as (
  select
    cohort.patient_id,
    date_diff('day', min(infusion.date), max(infusion.date)) as prior_line_days,
    date_diff('day', max(infusion.date), max(cohort.index_date)) as days_since_last_dose
  from cohort
  join firstline_infusion as infusion on infusion.patient_id = cohort.patient_id and infusion.date <= cohort.index_date
  where infusion.given_ate or infusion.given_bev
  group by cohort.patient_id
)

select
  cohort.patient_id,
  case when given.any_row then coalesce(by_kind.tace, false) end as earlier_tace,
  case when given.any_row then coalesce(by_kind.rfa, false) end as earlier_rfa,
  case when given.any_row then coalesce(by_kind.resection, false) end as earlier_resection,
  case when given.any_row then coalesce(by_kind.transplantation, false) end as earlier_transplantation,
  case when given.any_row then coalesce(by_kind.radiotherapy, false) end as earlier_radiotherapy,
  case when given.any_row then coalesce(by_kind.n_tace, 0) end as n_earlier_tace,
  screening.firstline_best_response,
  line_before.prior_line_days, line_before.days_since_last_dose
from cohort
cross join given
left join by_kind on by_kind.patient_id = cohort.patient_id
left join line_before on line_before.patient_id = cohort.patient_id
left join screening on screening.patient_id = cohort.patient_id
order by cohort.patient_id
