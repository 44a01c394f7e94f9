-- response_course: per criterion and analysed patient, the response that counts (CR or PR, confirmed where the study asks for
-- it), how long it lasted and how deep it went. Duration: from the first such scan to progression by the same criterion or
-- death, whichever is first; else censored at the last scan that could be evaluated. Clinical progression and new therapy
-- do not end it. Nothing after the data cut-off counts. Deepest change: the smallest change of the target sum from
-- baseline, in percent, up to and including the first progression.
with
seen as (
  select * from visit_response where not line_before
),

scan as (
  select criterion, patient_id,
    min(case when overall = 'PD' then date end) as pd_date,
    max(case when overall <> 'NE' then date end) as last_date
  from seen
  group by criterion, patient_id
),

depth as (
  select seen.criterion, seen.patient_id, min(seen.change_from_baseline_pct) as deepest_change_pct
  from seen
  join scan on scan.criterion = seen.criterion and scan.patient_id = seen.patient_id
  where scan.pd_date is null or seen.date <= scan.pd_date
  group by seen.criterion, seen.patient_id
),

responded as (
  select counted.criterion, counted.patient_id, min(counted.date) as response_date
  from response_counted as counted
  join setting_response on setting_response.criterion = counted.criterion
  where counted.overall in ('CR', 'PR') and (counted.confirmed or not setting_response.confirmation)
  group by counted.criterion, counted.patient_id
),

last_dose as (
  select patient_id, max(coalesce(stop, start)) as date, sum(case when stop is null then 1 else 0 end) > 0 as ongoing
  from observed_exposure
  group by patient_id
),

ends as (
  select
    cohort.patient_id, setting_response.criterion, cohort.index_date, responded.response_date, scan.pd_date, scan.last_date,
    depth.deepest_change_pct, followup.last_contact, last_dose.date as last_dose, coalesce(last_dose.ongoing, false) as ongoing,
    followup.death_date
  from cohort
  cross join setting_response
  left join observed_followup as followup on followup.patient_id = cohort.patient_id
  left join last_dose on last_dose.patient_id = cohort.patient_id
  left join responded on responded.patient_id = cohort.patient_id and responded.criterion = setting_response.criterion
  left join scan on scan.patient_id = cohort.patient_id and scan.criterion = setting_response.criterion
  left join depth on depth.patient_id = cohort.patient_id and depth.criterion = setting_response.criterion
),

decided as (
  select *,
    case
      when response_date is null then null
      when pd_date <= coalesce(death_date, pd_date) then pd_date
      when death_date is not null then death_date
      else last_date
    end as end_date,
    case
      when response_date is null then null
      when pd_date <= coalesce(death_date, pd_date) then 'progression'
      when death_date is not null then 'death'
      else 'last scan'
    end as ended_by
  from ends
)

select
  criterion, patient_id, response_date, end_date, ended_by,
  date_diff('day', index_date, response_date) as response_day,
  date_diff('day', response_date, end_date) as duration_days,
  case when response_date is not null then case when ended_by = 'last scan' then 0 else 1 end end as duration_event,
  deepest_change_pct,
  date_diff('day', index_date, pd_date) as pd_day,
  date_diff('day', index_date, last_date) as assessed_day,
  date_diff('day', index_date, death_date) as death_day,
  date_diff('day', index_date, coalesce(death_date, last_contact, last_date)) as last_day,
  case when ongoing then date_diff('day', index_date, coalesce(death_date, last_contact, last_dose))
    else date_diff('day', index_date, last_dose) end as last_dose_day
from decided
order by criterion, patient_id
