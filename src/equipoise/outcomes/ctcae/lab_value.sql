-- lab_value: each laboratory value of the index line with its baseline: the baseline record itself, and every record after
-- the index date up to days_after_last_dose days after the last dose (setting_lab_period; without a last dose every later
-- record). baseline_is_high: above the upper limit of its own laboratory. baseline_value is in the unit of the value: other
-- units are converted only by powers of ten (or between spellings of one unit), else it is missing.
with
last_dose as (
  select patient_id, case when sum(case when stop is null then 1 else 0 end) = 0 then max(stop) end as date
  from observed_exposure
  group by patient_id
),

factored as (
  select
    lab.patient_id, lab.date, lab.analyte, lab.value, coalesce(lab.comparator, '=') as comparator, lab.lln, lab.uln,
    coalesce(trim(lab.unit), '') as unit, lab.source_row, unit_factor.multiply_by / unit_factor.divide_by as factor
  from observed_lab as lab
  left join unit_factor on unit_factor.analyte = lab.analyte and unit_factor.unit = lower(coalesce(trim(lab.unit), ''))
),

baseline as (
  select
    factored.*,
    case
      when comparator = '=' then value > uln
      when comparator = '<' and value <= uln then false
      when comparator = '>' and value >= uln then true
    end as is_high
  from factored
  join lab_baseline on lab_baseline.source_row = factored.source_row
),

counted as (
  select factored.*, cohort.index_date, lab_baseline.source_row is not null as is_baseline
  from factored
  join cohort on cohort.patient_id = factored.patient_id
  cross join setting_lab_period
  left join lab_baseline on lab_baseline.source_row = factored.source_row
  left join last_dose on last_dose.patient_id = factored.patient_id
  where lab_baseline.source_row is not null
    or (factored.date > cohort.index_date and (
      last_dose.date is null
      or date_diff('day', last_dose.date, factored.date) <= setting_lab_period.days_after_last_dose
    ))
)

select
  counted.source_row as value_nr, counted.patient_id, counted.date,
  date_diff('day', counted.index_date, counted.date) as day, counted.is_baseline, counted.analyte as parameter,
  counted.comparator, counted.value, counted.unit, counted.lln as low, counted.uln as high,
  case
    when baseline.comparator <> '=' then null
    when lower(baseline.unit) = lower(counted.unit) or baseline.factor = counted.factor then baseline.value
    when abs(log10(baseline.factor) - round(log10(baseline.factor))) < 0.000000001
      and abs(log10(counted.factor) - round(log10(counted.factor))) < 0.000000001
      then baseline.value * baseline.factor / counted.factor
  end as baseline_value,
  baseline.is_high as baseline_is_high, counted.source_row
from counted
left join baseline on baseline.patient_id = counted.patient_id and baseline.analyte = counted.analyte
order by counted.source_row
