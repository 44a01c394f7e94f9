-- endpoint_time: one row per endpoint and analysed patient: the days from the index date to the event, or to censoring.
-- setting_endpoint lists the sources of each endpoint (role event, competing or censoring, rank as listed, first or last record);
-- source_day holds their rows as days. Nothing after the data cut-off counts; a date of a table with one row per patient
-- (last contact) is cut there instead. An event source counts from its first_day on: progression before
-- progression_from_day belongs to the line before. The earliest event decides, on one day the source listed first.
-- A competing event ends the time like a censoring; on the day of an event the event counts. Without either: the first censoring source that the patient has. Duration = end - start, at least
-- least_days: 1 where days come from dates, 0 where the data hold day numbers.
-- setting_limit, where limited (FDA, Clinical trial endpoints for the approval of cancer drugs, 2007): an event after new
-- therapy, or further than longest_gap days from the adequate scan before it (from the index date without one), does not
-- count; the patient is censored at the last adequate scan before. Only the first event is judged.
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

dated as (
  select *
  from candidate
  where day >= first_day and (cutoff_day is null or day <= cutoff_day)
),

picked as (
  select *, row_number() over (
    partition by endpoint, source, patient_id
    order by case when pick = 'last' then -day else day end, case when pick = 'last' then -source_row else source_row end
  ) as nth
  from dated
  where role in ('event', 'competing')
),

first_event as (
  select *, row_number() over (partition by endpoint, patient_id order by day, rank) as first_one
  from picked
  where nth = 1
),

therapy as (
  select setting.endpoint, record.patient_id, min(record.day) as day
  from setting_limit as setting
  join source_day as record on record.source = setting.new_therapy
  where setting.limited and record.day >= 1
  group by setting.endpoint, record.patient_id
),

scan_before as (
  select event.endpoint, event.patient_id, max(record.day) as day
  from first_event as event
  join setting_limit as setting on setting.endpoint = event.endpoint and setting.limited
  join source_day as record on record.source = setting.adequate_scan and record.patient_id = event.patient_id
    and record.day >= 0 and record.day < event.day
  where event.first_one = 1
  group by event.endpoint, event.patient_id
),

judged as (
  select event.*,
    not coalesce(therapy.day < event.day, false)
      and not (setting.limited and event.day - coalesce(scan_before.day, 0) > setting.longest_gap) as counts
  from first_event as event
  join setting_limit as setting on setting.endpoint = event.endpoint
  left join therapy on therapy.endpoint = event.endpoint and therapy.patient_id = event.patient_id
  left join scan_before on scan_before.endpoint = event.endpoint and scan_before.patient_id = event.patient_id
  where event.first_one = 1
),

stopped as (
  select endpoint, patient_id, min(day) as last_day
  from (
    select endpoint, patient_id, day from therapy
    union all
    select endpoint, patient_id, day - 1 from judged where not counts
  ) as ends
  group by endpoint, patient_id
),

last_seen as (
  select dated.*, row_number() over (
    partition by dated.endpoint, dated.source, dated.patient_id
    order by case when pick = 'last' then -day else day end, case when pick = 'last' then -source_row else source_row end
  ) as nth
  from dated
  left join stopped on stopped.endpoint = dated.endpoint and stopped.patient_id = dated.patient_id
  where dated.role = 'censoring' and (stopped.last_day is null or dated.day <= stopped.last_day)
),

censoring as (
  select *, row_number() over (partition by endpoint, patient_id order by rank) as first_one
  from last_seen
  where nth = 1
),

decided as (
  select endpoint, patient_id, day, least_days, case when role = 'competing' then 0 else 1 end as event, source, date, source_row
  from judged
  where counts
  union all
  select endpoint, patient_id, day, least_days, 0, source, date, source_row
  from censoring
  where first_one = 1 and not exists (
    select 1 from judged
    where judged.endpoint = censoring.endpoint and judged.patient_id = censoring.patient_id and judged.counts
  )
)

select patient_id, endpoint, case when day < least_days then least_days else day end as time_days, event, source, date, source_row
from decided
order by endpoint, patient_id
