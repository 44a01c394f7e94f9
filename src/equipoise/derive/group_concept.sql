-- group_concept: the concepts of each group that enough analyzed patients have and enough lack; place: from 0 in the order of
-- their ids
with held as (
  select r.group_name, r.concept_id, count(*) as persons
  from group_record r
  join cohort c on c.patient_id = r.patient_id
  group by r.group_name, r.concept_id
),

everybody as (
  select count(*) as persons from cohort
),

ranked as (
  select
    h.group_name, h.concept_id, h.persons, s.most,
    row_number() over (partition by h.group_name order by h.persons desc, h.concept_id) as nth
  from held h
  cross join everybody e
  join setting_group s on s.group_name = h.group_name
  where h.persons >= s.minimum_share * e.persons and h.persons <= (1 - s.minimum_share) * e.persons
)

select
  group_name, concept_id, persons,
  row_number() over (partition by group_name order by concept_id) - 1 as place
from ranked
where nth <= most
order by group_name, concept_id
