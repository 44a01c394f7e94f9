-- lab_toxicity: for each patient and term with a laboratory value after the index date, the worst grade then, the value that
-- gave it (the earliest of the worst) and the grade at baseline. treatment_emergent: the worst grade is above the baseline
-- grade; unknown where the worst grade is not 0 and there is no baseline grade, or where no value could be graded.
-- n_values, n_ungraded: values after the index date, and those without a grade. may_be_higher: as in lab_grade, for any of
-- them. Laboratory grades carry no attribution.
with
baseline as (
  select patient_id, term, direction, grade from lab_grade where is_baseline
),

later as (
  select
    *,
    row_number() over (
      partition by patient_id, term, direction order by coalesce(grade, -1) desc, date, source_row
    ) as nth,
    count(*) over (partition by patient_id, term, direction) as n_values,
    sum(case when grade is null then 1 else 0 end) over (partition by patient_id, term, direction) as n_ungraded,
    max(case when may_be_higher then 1 else 0 end) over (partition by patient_id, term, direction) = 1 as any_may_be_higher
  from lab_grade
  where not is_baseline
)

select
  later.patient_id, cohort.arm, later.term, later.direction, baseline.grade as baseline_grade, later.grade as worst_grade,
  case
    when later.grade is null then null
    when later.grade = 0 then false
    else later.grade > baseline.grade
  end as treatment_emergent,
  later.date, later.day, later.comparator, later.value, later.unit, later.reason, later.any_may_be_higher as may_be_higher,
  later.n_values, later.n_ungraded, later.source_row
from later
join cohort on cohort.patient_id = later.patient_id
left join baseline on baseline.patient_id = later.patient_id and baseline.term = later.term
  and baseline.direction = later.direction
where later.nth = 1
order by later.term, later.direction, later.patient_id
