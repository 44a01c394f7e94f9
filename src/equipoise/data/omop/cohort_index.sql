-- index_event: of each person the entry into the cohort of an arm, and when he leaves it; of whoever enters none the arm of his first
-- entry event, and of that arm the event that passes the most steps. steps: how many
with entered as (
  select
    c.person_id, c.index_date, c.arm, c.arms_on_index_date, e.end_date as cohort_end, s.last_step as steps
  from cohort_entered c
  join setting_arm a on a.arm = c.arm
  join cohort_entry e on e.cohort = a.set_name and e.person_id = c.person_id and e.start_date = c.index_date
  join setting_cohort s on s.cohort = a.set_name
),

event as (
  select
    s.person_id, s.start_date, a.arm, s.step,
    row_number() over (partition by s.person_id order by s.start_date, a.arm) as nth
  from cohort_step s
  join setting_arm a on a.set_name = s.cohort
  where not exists (select 1 from entered e where e.person_id = s.person_id)
),

furthest as (
  select
    e.person_id, e.start_date, e.arm, e.step,
    row_number() over (partition by e.person_id order by e.step desc, e.start_date) as nth
  from event e
  join event f on f.person_id = e.person_id and f.nth = 1 and f.arm = e.arm
)

select person_id, index_date, arm, arms_on_index_date, cohort_end, steps from entered
union all
select
  person_id, start_date as index_date, arm, cast(1 as bigint) as arms_on_index_date, cast(null as date) as cohort_end, step as steps
from furthest
where nth = 1
order by person_id
