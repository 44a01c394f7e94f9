-- observed_period: the time of observation that holds the index date; periods that overlap there are one
select i.person_id, min(o.start_date) as first_day, max(o.end_date) as last_day
from index_event i
join cdm_observation_period o on o.person_id = i.person_id and o.start_date <= i.index_date and o.end_date >= i.index_date
left join death_day d on d.person_id = i.person_id
where d.death_date is null or d.death_date >= i.index_date
group by i.person_id
