-- treatment_end: the last day of the treatment that begins on the index date. Exposures that begin within gap_days of the end of
-- those before are one treatment
with exposure as (
  select i.person_id, r.start_date, max(coalesce(r.end_date, r.start_date)) as end_date
  from index_event i
  join setting_arm a on a.arm = i.arm
  join record r on r.person_id = i.person_id and r.set_name = a.set_name and r.start_date >= i.index_date
  group by i.person_id, r.start_date
),

covered as (
  select
    person_id, start_date, end_date,
    max(end_date) over (partition by person_id order by start_date rows between unbounded preceding and 1 preceding) as before
  from exposure
),

stopped as (
  select c.person_id, min(c.start_date) as start_date
  from covered c
  cross join setting_risk s
  where date_diff('day', c.before, c.start_date) > s.gap_days
  group by c.person_id
)

select e.person_id, max(e.end_date) as last_day
from exposure e
left join stopped s on s.person_id = e.person_id
where s.start_date is null or e.start_date < s.start_date
group by e.person_id
