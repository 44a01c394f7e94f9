-- lab_grade: the CTCAE grade of each laboratory value for each term of its parameter, by the rows of ctcae_rule alone.
-- A rule is met, not met or unknown (a limit, the baseline or the value is missing; or a value below or above a limit of
-- detection lies on no side of the cut). The grade is the highest that is met; 0 if every rule is known not to be met;
-- otherwise none. may_be_higher: a rule of a higher grade is unknown. A rule with a unit needs a value in that unit; only
-- powers of ten are converted (ctcae_unit), so a value in a unit that the term does not list has no rule and no grade.
-- Rules are numbered so that a higher grade of a term has the higher number: the last rule met decides.
-- 0.000000001 of the cut absorbs binary rounding, so that 1.5 times a limit is met, or not, as on paper.
with
spelled as (
  select *, replace(replace(lower(trim(coalesce(unit, ''))), 'µ', 'u'), 'μ', 'u') as spelling
  from lab_value
),

measured as (
  select distinct ctcae_rule.parameter, ctcae_rule.unit, ctcae_unit.spelling, ctcae_unit.multiply_by, ctcae_unit.divide_by
  from ctcae_rule
  join ctcae_unit on ctcae_unit.unit = ctcae_rule.unit
),

termed as (
  select distinct term, parameter, direction from ctcae_rule
),

offered as (
  select
    spelled.*, termed.term, termed.direction, measured.unit as rule_unit, coalesce(measured.multiply_by, 1) as multiply_by,
    coalesce(measured.divide_by, 1) as divide_by
  from spelled
  join termed on termed.parameter = spelled.parameter
  left join measured on measured.parameter = spelled.parameter and measured.spelling = spelled.spelling
),

ruled as (
  select
    offered.value_nr, offered.term, offered.direction, offered.value, offered.comparator, ctcae_rule.rule_nr,
    ctcae_rule.grade, ctcae_rule.sign,
    case ctcae_rule.only_if
      when 'baseline above ULN' then offered.baseline_is_high
      when 'baseline not above ULN' then not offered.baseline_is_high
      when 'value below LLN' then offered.value < offered.low
      else true
    end as applies,
    case ctcae_rule.basis
      when 'value' then ctcae_rule.number * offered.divide_by / offered.multiply_by
      when 'x LLN' then ctcae_rule.number * offered.low
      when 'x ULN' then ctcae_rule.number * offered.high
      when 'x baseline' then ctcae_rule.number * offered.baseline_value
      when '+ ULN' then offered.high + ctcae_rule.number * offered.divide_by / offered.multiply_by
      when '+ ULN or baseline' then ctcae_rule.number * offered.divide_by / offered.multiply_by
        + case when offered.baseline_value > offered.high then offered.baseline_value else offered.high end
    end as cut
  from offered
  join ctcae_rule on ctcae_rule.term = offered.term and ctcae_rule.direction = offered.direction
    and (ctcae_rule.unit = '' or ctcae_rule.unit = offered.rule_unit)
),

judged as (
  select
    value_nr, term, direction, rule_nr, grade,
    applies and case
      when comparator = '<' and value <= cut + 0.000000001 * abs(cut) then sign in ('<', '<=')
      when comparator = '>' and value >= cut - 0.000000001 * abs(cut) then sign in ('>', '>=')
      when comparator <> '=' then null
      when sign = '>' then value > cut + 0.000000001 * abs(cut)
      when sign = '>=' then value >= cut - 0.000000001 * abs(cut)
      when sign = '<' then value < cut - 0.000000001 * abs(cut)
      when sign = '<=' then value <= cut + 0.000000001 * abs(cut)
    end as met
  from ruled
),

decided as (
  select
    value_nr, term, direction, max(case when met then rule_nr end) as rule_nr,
    max(case when met then grade else 0 end) as met_grade,
    max(case when met is null then grade else 0 end) as unknown_grade
  from judged
  group by value_nr, term, direction
)

select
  offered.value_nr, offered.patient_id, offered.date, offered.day, offered.is_baseline, offered.parameter, offered.term,
  offered.direction, offered.comparator, offered.value, offered.unit,
  case when met_grade > 0 or unknown_grade = 0 then met_grade end as grade,
  coalesce(unknown_grade > met_grade, false) as may_be_higher,
  case
    when offered.value is null then 'no value'
    when met_grade is null then 'a unit that the term does not list'
    when met_grade > 0 then ctcae_rule.words
    when unknown_grade = 0 then 'no grade is reached'
    when offered.comparator <> '=' then 'a limit of detection on neither side of a cut'
    else 'a limit of normal or the baseline is missing'
  end as reason,
  offered.source_row
from offered
left join decided on decided.value_nr = offered.value_nr and decided.term = offered.term
  and decided.direction = offered.direction
left join ctcae_rule on ctcae_rule.rule_nr = decided.rule_nr
order by offered.value_nr, offered.term, offered.direction
