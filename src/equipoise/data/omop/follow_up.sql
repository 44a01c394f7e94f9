-- follow_up: the last day on which an outcome of a person is counted
with ends as (
  select person_id, last_day from observed_period
  union all
  select person_id, death_date as last_day from death_day
  union all
  select i.person_id, s.cutoff as last_day from index_event i cross join setting_risk s where s.cutoff is not null
  union all
  select i.person_id, cast(i.index_date + s.days * interval 1 day as date) as last_day
  from index_event i cross join setting_risk s where s.days is not null
  union all
  select t.person_id, cast(t.last_day + s.surveillance_days * interval 1 day as date) as last_day
  from treatment_end t cross join setting_risk s where s.gap_days is not null
  union all
  select i.person_id, cast(i.cohort_end + s.surveillance_days * interval 1 day as date) as last_day
  from index_event i cross join setting_risk s where s.to_cohort_end = 1 and i.cohort_end is not null
  union all
  select i.person_id, r.start_date as last_day
  from index_event i
  cross join setting_risk s
  join record r on r.person_id = i.person_id and r.start_date > i.index_date
  join setting_arm a on a.set_name = r.set_name and a.arm <> i.arm
  where s.switched = 1
)

select i.person_id, min(e.last_day) as last_day
from index_event i
join ends e on e.person_id = i.person_id
group by i.person_id
