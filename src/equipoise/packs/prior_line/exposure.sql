-- prior_exposure: the line before the index treatment, one row per analysed patient, from its infusions on or before the index
-- date. prior_dose: a row per infusion and drug that the protocol names under `prior_line: drugs`, in its order, and whether it
-- was given. A cycle is an infusion at which the first drug was given; it is incomplete where another one was not. Where no
-- drug is named every infusion is a cycle.
with
infusion as (
  select
    prior_dose.patient_id, prior_dose.cycle, prior_dose.date, cohort.index_date,
    max(case when prior_dose.nth = 1 and prior_dose.given then 1 else 0 end) as is_cycle,
    min(case when prior_dose.given then 1 else 0 end) as is_whole,
    max(case when prior_dose.given then 1 else 0 end) as is_dose
  from prior_dose
  join cohort on cohort.patient_id = prior_dose.patient_id and prior_dose.date <= cohort.index_date
  group by prior_dose.patient_id, prior_dose.cycle, prior_dose.date, cohort.index_date
),

counted as (
  select
    patient_id,
    sum(is_cycle) as prior_cycles,
    sum(case when is_cycle = 1 and is_whole = 0 then 1 else 0 end) as incomplete_cycles,
    date_diff('day', max(case when is_cycle = 1 then date end), max(index_date)) as days_since_last_cycle,
    date_diff('day', min(case when is_dose = 1 then date end), max(case when is_dose = 1 then date end)) as prior_line_days,
    date_diff('day', max(case when is_dose = 1 then date end), max(index_date)) as days_since_last_dose
  from infusion
  group by patient_id
)

select
  cohort.patient_id, counted.prior_cycles, counted.incomplete_cycles, counted.days_since_last_cycle,
  counted.prior_line_days, counted.days_since_last_dose, screening.firstline_best_response
from cohort
left join counted on counted.patient_id = cohort.patient_id
left join screening on screening.patient_id = cohort.patient_id
order by cohort.patient_id
