-- outcome_day: the first day of each outcome in the risk window
with found as (
  select o.outcome, r.person_id, r.start_date as day
  from setting_outcome o
  join record r on r.set_name = o.set_name
  union all
  select o.outcome, d.person_id, d.death_date as day
  from setting_outcome o
  cross join death_day d
  where o.set_name is null
)

select f.outcome, f.person_id, min(f.day) as day
from found f
join index_event i on i.person_id = f.person_id
join follow_up u on u.person_id = f.person_id
cross join setting_risk s
where date_diff('day', i.index_date, f.day) >= s.start_day and f.day <= u.last_day
group by f.outcome, f.person_id
