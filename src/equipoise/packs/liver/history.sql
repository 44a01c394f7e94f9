-- liver_history: treatments of the liver before the index date, one row per analysed patient, from prior_treatment (one dated
-- row per procedure). Where that table was not given every column is missing; where it was, a patient without a row of a kind
-- had none of it.
with
given as (
  select count(*) > 0 as any_row from prior_treatment
),

by_kind as (
  select
    prior_treatment.patient_id,
    max(case when prior_treatment.kind = 'TACE' then 1 else 0 end) = 1 as tace,
    max(case when prior_treatment.kind = 'RFA' then 1 else 0 end) = 1 as rfa,
    max(case when prior_treatment.kind = 'transplantation' then 1 else 0 end) = 1 as transplantation,
    sum(case when prior_treatment.kind = 'TACE' then 1 else 0 end) as n_tace
  from prior_treatment
  join cohort on cohort.patient_id = prior_treatment.patient_id and prior_treatment.date <= cohort.index_date
  group by prior_treatment.patient_id
)

select
  cohort.patient_id,
  case when given.any_row then coalesce(by_kind.tace, false) end as earlier_tace,
  case when given.any_row then coalesce(by_kind.rfa, false) end as earlier_rfa,
  case when given.any_row then coalesce(by_kind.transplantation, false) end as earlier_transplantation,
  case when given.any_row then coalesce(by_kind.n_tace, 0) end as n_earlier_tace
from cohort
cross join given
left join by_kind on by_kind.patient_id = cohort.patient_id
order by cohort.patient_id
