-- index_event: the first day of each person on which a record of an arm begins after the washout, and the arm.
-- washout_days empty: the first of all records
with arm_day as (
  select r.person_id, a.arm, r.start_date as day, max(coalesce(r.end_date, r.start_date)) as last_day
  from index_record r
  join setting_arm a on a.set_name = r.set_name
  group by r.person_id, a.arm, r.start_date
),

person_day as (
  select person_id, day, max(last_day) as last_day from arm_day group by person_id, day
),

earlier as (
  select
    person_id, day,
    max(last_day) over (partition by person_id order by day rows between unbounded preceding and 1 preceding) as covered
  from person_day
),

fresh as (
  select e.person_id, min(e.day) as index_date
  from earlier e
  cross join setting_index s
  where e.covered is null or date_diff('day', e.covered, e.day) > s.washout_days
  group by e.person_id
)

select
  f.person_id, f.index_date, min(a.arm) as arm, count(distinct a.arm) as arms_on_index_date, cast(null as date) as cohort_end,
  cast(null as bigint) as steps
from fresh f
join arm_day a on a.person_id = f.person_id and a.day = f.index_date
group by f.person_id, f.index_date
order by f.person_id
