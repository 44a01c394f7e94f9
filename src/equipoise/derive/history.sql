-- treatment_history: what was done before the index date, one row per analysed patient, from prior_treatment (one dated row
-- per procedure). Where that table was not given every "earlier" column is missing; where it was, a patient without a row of a
-- kind had none of it.
with
given as (
  select count(*) > 0 as any_row from prior_treatment
),

by_kind as (
  select
    prior_treatment.patient_id,
    max(case when prior_treatment.kind = 'resection' then 1 else 0 end) = 1 as resection,
    max(case when prior_treatment.kind = 'radiotherapy' then 1 else 0 end) = 1 as radiotherapy
  from prior_treatment
  join cohort on cohort.patient_id = prior_treatment.patient_id and prior_treatment.date <= cohort.index_date
  group by prior_treatment.patient_id
)

select
  cohort.patient_id,
  case when given.any_row then coalesce(by_kind.resection, false) end as earlier_resection,
  case when given.any_row then coalesce(by_kind.radiotherapy, false) end as earlier_radiotherapy
from cohort
cross join given
left join by_kind on by_kind.patient_id = cohort.patient_id
order by cohort.patient_id
