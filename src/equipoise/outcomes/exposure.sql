-- exposure_course: the index treatment of each analysed patient, from its dosing intervals up to the data cut-off. An interval
-- without an end lasts to the day before the next, or to last contact. Time on treatment runs from the first to the last day
-- with a dose. An interruption is an interval without a dose, or a gap between two, before that last day. Reduced, raised:
-- against the dose before, interruptions left out. Relative dose intensity: milligrams given in percent of the protocol's dose
-- on every day on treatment.
with
bounded as (
  select dose.patient_id, dose.dose_mg_day, dose.start, dose.stop_reason, dose.source_row,
    coalesce(dose.stop,
      cast(lead(dose.start) over (partition by dose.patient_id order by dose.start) - 1 * interval 1 day as date),
      followup.last_contact) as stop,
    cohort.index_date
  from observed_exposure as dose
  join cohort on cohort.patient_id = dose.patient_id
  left join observed_followup as followup on followup.patient_id = dose.patient_id
),

spent as (
  select patient_id, dose_mg_day, stop_reason, source_row, date_diff('day', index_date, start) as first_day,
    date_diff('day', index_date, stop) as last_day
  from bounded
  where start >= index_date
),

dosed as (
  select *,
    lag(dose_mg_day) over (partition by patient_id order by first_day) as dose_before,
    lag(last_day) over (partition by patient_id order by first_day) as day_before,
    row_number() over (partition by patient_id order by first_day) as nth
  from spent
  where dose_mg_day > 0 and last_day >= first_day
),

given as (
  select patient_id, min(first_day) as first_day, max(last_day) as last_day,
    sum(last_day - first_day + 1) as dosed_days,
    sum(dose_mg_day * (last_day - first_day + 1)) as given_mg,
    max(case when nth = 1 then dose_mg_day end) as start_mg,
    sum(case when dose_mg_day < dose_before then 1 else 0 end) as n_reductions,
    sum(case when dose_mg_day > dose_before then 1 else 0 end) as n_raised,
    sum(case when first_day > day_before + 1 then 1 else 0 end) as n_interruptions
  from dosed
  group by patient_id
),

reason as (
  select patient_id, stop_reason, row_number() over (partition by patient_id order by first_day desc) as nth
  from spent
  where stop_reason is not null
)

select
  cohort.patient_id,
  cast(given.last_day - given.first_day + 1 as double) as treated_days,
  cast(given.dosed_days as double) as dosed_days,
  cast(given.given_mg as double) as given_mg,
  cast(given.start_mg as double) as start_mg,
  cast(protocol_dose.mg_day as double) as protocol_mg,
  cast(given.n_reductions as double) as n_reductions,
  cast(given.n_raised as double) as n_raised,
  cast(given.n_interruptions as double) as n_interruptions,
  cast(100.0 * given.given_mg / (protocol_dose.mg_day * (given.last_day - given.first_day + 1)) as double) as rdi,
  case when given.patient_id is null then null else coalesce(reason.stop_reason, 'not recorded') end as stop_reason
from cohort
left join given on given.patient_id = cohort.patient_id
left join protocol_dose on protocol_dose.patient_id = cohort.patient_id
left join reason on reason.patient_id = cohort.patient_id and reason.nth = 1
order by cohort.patient_id
