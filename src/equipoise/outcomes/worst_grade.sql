-- worst_grade: the highest grade of each term and analysed patient among the adverse events of the index line: attributed to
-- the treatment (setting_related), begun on or after the index date and up to days_after_last_dose days after the last
-- dose; without a last dose every later event counts. Terms are compared without regard to case and named as in the first
-- of their rows; aliases of the protocol (setting_alias) count under their term.
with
last_dose as (
  select patient_id, case when sum(case when stop is null then 1 else 0 end) = 0 then max(stop) end as date
  from exposure
  group by patient_id
),

related as (
  select ae.patient_id, coalesce(setting_alias.term, trim(ae.ctcae_term)) as term, ae.grade, ae.source_row
  from ae
  join cohort on cohort.patient_id = ae.patient_id
  join setting_related on setting_related.attribution = ae.attribution
  left join setting_alias on setting_alias.alias = lower(trim(ae.ctcae_term))
  left join last_dose on last_dose.patient_id = ae.patient_id
  where ae.start >= cohort.index_date
    and (last_dose.date is null or date_diff('day', last_dose.date, ae.start) <= setting_related.days_after_last_dose)
),

spelled as (
  select *, row_number() over (partition by lower(term) order by source_row) as nth from related
)

select related.patient_id, spelled.term, max(related.grade) as grade
from related
join spelled on lower(spelled.term) = lower(related.term) and spelled.nth = 1
group by related.patient_id, spelled.term
order by spelled.term, related.patient_id
