-- window_value: one value of each person and window: how many records, or the latest number in the unit that is asked
with numbered as (
  select
    w.asked, w.person_id, w.value * u.multiply_by as value,
    row_number() over (partition by w.asked, w.person_id order by w.start_date desc, w.record_id desc) as nth
  from window_record w
  join setting_unit u on u.asked = w.asked and u.unit = w.unit and u.concept_id = w.concept_id
  where w.value_kind = 'latest' and w.value is not null
)

select asked, person_id, cast(count(*) as double) as value from window_record where value_kind = 'count' group by asked, person_id
union all
select asked, person_id, cast(1 as double) as value from window_record where value_kind = 'any' group by asked, person_id
union all
select asked, person_id, value from numbered where nth = 1
