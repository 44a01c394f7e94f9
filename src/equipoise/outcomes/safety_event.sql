-- safety_event: the adverse events of the index line that count: of an attribution in setting_related ('none' where it was
-- not recorded), begun on or after the index date and up to days_after_last_dose days after the last dose; without a last
-- dose every later event counts. Terms are compared without regard to case and named as in the first of their rows; aliases
-- of the protocol (setting_alias) count under their term, and again under each composite that lists it (setting_composite).
with
last_dose as (
  select patient_id, case when sum(case when stop is null then 1 else 0 end) = 0 then max(stop) end as date
  from observed_exposure
  group by patient_id
),

related as (
  select ae.patient_id, coalesce(setting_alias.term, trim(ae.ctcae_term)) as term, ae.grade, ae.action, ae.source_row,
    date_diff('day', cohort.index_date, ae.start) as day
  from observed_ae as ae
  join cohort on cohort.patient_id = ae.patient_id
  join setting_related on setting_related.attribution = coalesce(ae.attribution, 'none')
  left join setting_alias on setting_alias.alias = lower(trim(ae.ctcae_term))
  left join last_dose on last_dose.patient_id = ae.patient_id
  where ae.start >= cohort.index_date
    and (last_dose.date is null or date_diff('day', last_dose.date, ae.start) <= setting_related.days_after_last_dose)
),

spelled as (
  select *, row_number() over (partition by lower(term) order by source_row) as nth from related
),

named as (
  select related.patient_id, spelled.term, related.grade, related.action, related.day, related.source_row
  from related
  join spelled on lower(spelled.term) = lower(related.term) and spelled.nth = 1
)

select patient_id, term, grade, action, day, source_row, false as composite
from named
union all
select named.patient_id, setting_composite.composite, named.grade, named.action, named.day, named.source_row, true
from named
join setting_composite on setting_composite.member = lower(named.term)
order by term, patient_id, source_row
