-- conduct: how each analysed patient was followed. Scans after the index date up to the data cut-off; the gap before a scan
-- starts at the scan before it, or at the index date. A scan is missed for every whole spacing_days (planned interval and its
-- window) that a gap exceeds. The source of a death (registry, chart ...) is missing for all where no row gives one. Follow-up that was possible ends at death or the data cut-off (Clark, Altman & De Stavola,
-- Lancet 2002;359:1309).
with
scan as (
  select scan.patient_id, scan.visit, scan.scheduled, scan.evaluable,
    date_diff('day', cohort.index_date, scan.date) as day
  from observed_visit_imaging as scan
  join cohort on cohort.patient_id = scan.patient_id
  where scan.date > cohort.index_date
),

spaced as (
  select *, day - coalesce(lag(day) over (partition by patient_id order by day, visit), 0) as gap
  from scan
),

counted as (
  select patient_id, min(day) as first_scan_day, count(*) as n_scans,
    sum(case when scheduled then 0 else 1 end) as n_unscheduled,
    sum(case when evaluable then 0 else 1 end) as n_unreadable,
    sum(floor((gap - 1) / setting.spacing_days)) as n_missed
  from spaced
  cross join setting_assessment as setting
  group by patient_id
),

followed as (
  select cohort.patient_id, followup.death_cause, followup.death_source,
    date_diff('day', cohort.index_date, followup.death_date) as death_day,
    date_diff('day', cohort.index_date, followup.last_contact) as contact_day,
    observed.cutoff_day
  from cohort
  join observed on observed.patient_id = cohort.patient_id
  left join observed_followup as followup on followup.patient_id = cohort.patient_id
),

ended as (
  select *, death_day is not null as died
  from followed
)

select
  ended.patient_id,
  cast(counted.first_scan_day as double) as first_scan_day,
  cast(coalesce(counted.n_scans, 0) as double) as n_scans,
  cast(coalesce(counted.n_unscheduled, 0) as double) as n_unscheduled,
  cast(coalesce(counted.n_unreadable, 0) as double) as n_unreadable,
  cast(case when counted.n_scans is null then 0 else counted.n_missed end as double) as n_missed,
  ended.died,
  case when ended.died then coalesce(ended.death_cause, 'not recorded') end as death_cause,
  case when ended.died and max(ended.death_source) over () is not null then coalesce(ended.death_source, 'not recorded') end
    as death_source,
  cast(case when ended.died then ended.death_day else ended.contact_day end as double) as followed_days,
  cast(case when ended.died then ended.death_day else ended.cutoff_day end as double) as possible_days
from ended
left join counted on counted.patient_id = ended.patient_id
order by ended.patient_id
