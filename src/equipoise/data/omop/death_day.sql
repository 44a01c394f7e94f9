-- death_day: the day of death of each person; the first, where several are recorded
select person_id, min(death_date) as death_date from cdm_death group by person_id
