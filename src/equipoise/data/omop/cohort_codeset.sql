-- cohort_codeset: the concepts of each concept set of the cohort definitions, with descendants and source concepts that map to
-- them where these are asked; without those that are taken out
with given as (
  select cohort, codeset, concept_id, excluded, mapped from setting_codeset
  union
  select s.cohort, s.codeset, a.descendant as concept_id, s.excluded, s.mapped
  from setting_codeset s
  join codeset_ancestor a on a.ancestor = s.concept_id
  where s.descendants = 1
),

whole as (
  select cohort, codeset, concept_id, excluded from given
  union
  select g.cohort, g.codeset, r.given as concept_id, g.excluded
  from given g
  join codeset_relationship r on r.other = g.concept_id
  where g.mapped = 1 and r.relationship = 'Maps to'
)

select distinct w.cohort, w.codeset, w.concept_id
from whole w
where w.excluded = 0 and not exists (
  select 1 from whole x
  where x.cohort = w.cohort and x.codeset = w.codeset and x.concept_id = w.concept_id and x.excluded = 1
)
order by w.cohort, w.codeset, w.concept_id
