-- A result that stands apart from its neighbours in time (all within 90 days, same patient and analyte) by about the factor
-- between two units of the analyte. unit_jump: analyte, least ratio. Both neighbours must disagree, or the only one.
-- The least ratio is half the factor: a slip is seen where the true value changed less than twofold.
with
converted as (
  select lab.patient_id, lab.analyte, lab.date, lab.source_row,
    lab.value * unit_factor.multiply_by / unit_factor.divide_by as value
  from lab
  join unit_factor on unit_factor.analyte = lab.analyte and unit_factor.unit = lower(coalesce(trim(lab.unit), ''))
  where lab.value > 0
),

neighbour as (
  select *,
    lag(value) over series as previous, lag(date) over series as previous_date,
    lead(value) over series as following, lead(date) over series as following_date
  from converted
  window series as (partition by patient_id, analyte order by date, source_row)
),

compared as (
  select neighbour.*, unit_jump.ratio,
    case when date_diff('day', previous_date, date) <= 90 then value / previous end as to_previous,
    case when date_diff('day', date, following_date) <= 90 then value / following end as to_following
  from neighbour
  join unit_jump on unit_jump.analyte = neighbour.analyte
)
select patient_id, 'lab' as source_table, source_row
from compared
where (to_previous is not null or to_following is not null)
  and (
    (coalesce(to_previous, ratio) >= ratio and coalesce(to_following, ratio) >= ratio)
    or (coalesce(to_previous, 0) <= 1 / ratio and coalesce(to_following, 0) <= 1 / ratio)
  )
