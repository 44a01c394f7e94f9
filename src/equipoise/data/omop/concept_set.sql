-- concept_set: the concepts of each set as the protocol names them, and their descendants; without those that are taken out.
-- mapped = 1: a source concept, which stands in the source column of a record
with given as (
  select set_name, concept_id, excluded, mapped from setting_concept
  union
  select s.set_name, a.descendant as concept_id, s.excluded, s.mapped
  from setting_concept s
  join cdm_concept_ancestor a on a.ancestor = s.concept_id
  where s.descendants = 1
),

standard as (
  select g.set_name, g.concept_id, max(g.mapped) as mapped
  from given g
  where g.excluded = 0 and not exists (
    select 1 from given x where x.set_name = g.set_name and x.concept_id = g.concept_id and x.excluded = 1
  )
  group by g.set_name, g.concept_id
),

source as (
  select distinct s.set_name, r.given as concept_id
  from standard s
  join cdm_concept_relationship r on r.other = s.concept_id and r.given <> r.other
  where s.mapped = 1 and r.relationship = 'Maps to'
)

select set_name, concept_id, 0 as mapped from standard
union all
select set_name, concept_id, 1 as mapped from source
order by set_name, mapped, concept_id
