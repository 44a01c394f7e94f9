-- window_record: the records of a person that begin in a window before the index date, by what asks for them
select w.asked, w.value_kind, i.person_id, r.record_id, r.start_date, r.value, r.unit, r.concept_id
from setting_window w
join record r on r.set_name = w.set_name
join index_event i on i.person_id = r.person_id
where (w.first_day is null or date_diff('day', i.index_date, r.start_date) >= w.first_day)
  and date_diff('day', i.index_date, r.start_date) <= w.last_day
