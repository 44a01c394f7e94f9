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

earliest as (
  select
    confirmation, criterion, patient_id,
    min(case when response = 'CR' then date end) as cr,
    min(case when response = 'PR' then date end) as pr,
    min(case when response = 'SD' and day >= sd_minimum_days then date end) as sd,
    min(case when response = 'NON-CR/NON-PD' and day >= sd_minimum_days then date end) as non_cr_non_pd,
    min(case when response = 'PD' then date end) as pd
  from judged
  group by confirmation, criterion, patient_id
)

select
  cohort.patient_id, setting_response.criterion, requirement.confirmation,
  case
    when cr is not null then 'CR'
    when pr is not null then 'PR'
    when sd is not null then 'SD'
    when non_cr_non_pd is not null then 'NON-CR/NON-PD'
    when pd is not null then 'PD'
    else 'NE'
  end as bor,
  coalesce(cr, pr, sd, non_cr_non_pd, pd) as date
from cohort
cross join setting_response
cross join requirement
left join earliest on earliest.patient_id = cohort.patient_id and earliest.criterion = setting_response.criterion
  and earliest.confirmation = requirement.confirmation
order by setting_response.criterion, cohort.patient_id, requirement.confirmation
