-- endpoint_time: one row per endpoint and analysed patient: the days from the index date to the event, or to censoring.
-- setting_endpoint lists the sources of each endpoint (role event or censoring, rank as listed, first or last record);
-- source_day holds their rows as days. Nothing after the data cut-off counts; a date of a table with one row per patient
-- (last contact) is cut there instead. An event source counts from its first_day on: progression before
-- progression_from_day belongs to the line before. The earliest event decides, on one day the source listed first.
-- Without an event: the first censoring source that the patient has. Duration = end - start, at least
-- least_days: 1 where days come from dates, 0 where the data hold day numbers.
with
candidate as (
  select
    setting.endpoint, setting.role, setting.source, setting.rank, setting.pick, setting.first_day, setting.least_days,
    record.patient_id, record.source_row,
    case when setting.single and record.day > record.cutoff_day and setting.role = 'censoring' then record.data_cutoff
      else record.date end as date,
    case when setting.single and record.day > record.cutoff_day and setting.role = 'censoring' then record.cutoff_day
      else record.day end as day,
    record.cutoff_day
  from setting_endpoint as setting
  join source_day as record on record.source = setting.source
),

within as (
  select *
  from candidate
  where day >= first_day and (cutoff_day is null or day <= cutoff_day)
),

picked as (
  select *, row_number() over (
    partition by endpoint, role, source, patient_id
    order by case when pick = 'last' then -day else day end, case when pick = 'last' then -source_row else source_row end
  ) as nth
  from within
),

event as (
  select *, row_number() over (partition by endpoint, patient_id order by day, rank) as first_one
  from picked
  where role = 'event' and nth = 1
),

censoring as (
  select *, row_number() over (partition by endpoint, patient_id order by rank) as first_one
  from picked
  where role = 'censoring' and nth = 1
),

decided as (
  select endpoint, patient_id, day, least_days, 1 as event, source, date, source_row from event where first_one = 1
  union all
  select endpoint, patient_id, day, least_days, 0, source, date, source_row
  from censoring
  where first_one = 1 and not exists (
    select 1 from event where event.endpoint = censoring.endpoint and event.patient_id = censoring.patient_id
  )
)

select patient_id, endpoint, case when day < least_days then least_days else day end as time_days, event, source, date, source_row
from decided
order by endpoint, patient_id
