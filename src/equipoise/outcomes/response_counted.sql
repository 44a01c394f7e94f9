-- response_counted: the responses of the line under study up to and including the first progression of each criterion, and whether a CR or PR is
-- confirmed: a CR by a CR, a PR by a CR or PR at least confirmation_days later, with at most one SD or NE between
-- (confirmation_sd, confirmation_ne) and no PR after CR.
with
first_pd as (
  select criterion, patient_id, min(date) as date from visit_response
  where overall = 'PD' and not line_before
  group by criterion, patient_id
),

counted as (
  select response.criterion, response.patient_id, response.visit, response.date, response.day, response.overall
  from visit_response as response
  left join first_pd on first_pd.criterion = response.criterion and first_pd.patient_id = response.patient_id
  where not response.line_before and (first_pd.date is null or response.date <= first_pd.date)
),

pair as (
  select early.criterion, early.patient_id, early.visit, later.visit as later_visit, early.date, later.date as later_date
  from counted as early
  join counted as later on later.criterion = early.criterion and later.patient_id = early.patient_id
  join setting_response on setting_response.criterion = early.criterion
  where date_diff('day', early.date, later.date) >= setting_response.confirmation_days
    and early.overall in ('CR', 'PR')
    and (later.overall = 'CR' or (early.overall = 'PR' and later.overall = 'PR'))
),

between_them as (
  select
    pair.criterion, pair.patient_id, pair.visit, pair.later_visit,
    sum(case when middle.overall in ('SD', 'NON-CR/NON-PD') then 1 else 0 end) as n_sd,
    sum(case when middle.overall = 'NE' then 1 else 0 end) as n_ne,
    min(case when middle.overall = 'CR' then middle.date end) as first_cr,
    max(case when middle.overall = 'PR' then middle.date end) as last_pr
  from pair
  join counted as middle on middle.criterion = pair.criterion and middle.patient_id = pair.patient_id
    and middle.date >= pair.date and middle.date <= pair.later_date
  group by pair.criterion, pair.patient_id, pair.visit, pair.later_visit
),

confirmed as (
  select distinct between_them.criterion, between_them.patient_id, between_them.visit
  from between_them
  join setting_response as setting on setting.criterion = between_them.criterion
  where n_sd <= setting.confirmation_sd and n_ne <= setting.confirmation_ne and n_sd + n_ne <= 1
    and (first_cr is null or last_pr is null or last_pr < first_cr)
)

select counted.*, confirmed.visit is not null as confirmed
from counted
left join confirmed on confirmed.criterion = counted.criterion and confirmed.patient_id = counted.patient_id
  and confirmed.visit = counted.visit
order by counted.criterion, counted.patient_id, counted.date, counted.visit
