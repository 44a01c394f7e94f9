-- best_response_both: the best overall response per criterion, once with confirmation asked for and once without.
-- Order: CR, PR, SD, NON-CR/NON-PD, PD, NE. SD and NON-CR/NON-PD need a scan at least sd_minimum_days after the index date;
-- earlier ones are PD where PD follows, else NE. No scan: NE. date: the earliest scan with that response.
-- Where confirmation is asked for, an unconfirmed CR or PR counts as SD.
with
requirement as (
  select false as confirmation
  union all
  select true as confirmation
),

judged as (
  select
    requirement.confirmation, counted.criterion, counted.patient_id, counted.date, counted.day,
    case
      when counted.overall in ('CR', 'PR') and requirement.confirmation and not counted.confirmed then 'SD'
      else counted.overall
    end as response,
    setting_response.sd_minimum_days
  from response_counted as counted
  join setting_response on setting_response.criterion = counted.criterion
  cross join requirement
),

ranked as (
  select
    confirmation, criterion, patient_id, response, date,
    row_number() over (
      partition by confirmation, criterion, patient_id
      order by
        case response when 'CR' then 1 when 'PR' then 2 when 'SD' then 3 when 'NON-CR/NON-PD' then 4 when 'PD' then 5 end,
        date
    ) as nth
  from judged
  where response in ('CR', 'PR', 'PD') or (response in ('SD', 'NON-CR/NON-PD') and day >= sd_minimum_days)
)

select
  cohort.patient_id, setting_response.criterion, requirement.confirmation, coalesce(ranked.response, 'NE') as bor, ranked.date
from cohort
cross join setting_response
cross join requirement
left join ranked on ranked.patient_id = cohort.patient_id and ranked.criterion = setting_response.criterion
  and ranked.confirmation = requirement.confirmation and ranked.nth = 1
order by setting_response.criterion, cohort.patient_id, requirement.confirmation
