-- safety_course: days on the index treatment, and the days during which an adverse event of it would have counted.
-- Exposure: index date to the last dose, both included, interruptions too; treatment that goes on ends with the follow-up.
-- At risk: up to days_after_last_dose days after the last dose, and not beyond the follow-up; a death within it competes.
with
dosing as (
  select exposure.patient_id, max(exposure.stop) as last_stop, sum(case when exposure.stop is null then 1 else 0 end) as going_on
  from observed_exposure as exposure
  join cohort on cohort.patient_id = exposure.patient_id
  group by exposure.patient_id
),

followed as (
  select patient_id, death_date, last_contact as until from observed_followup
),

days as (
  select cohort.patient_id,
    date_diff('day', cohort.index_date, followed.until) as followed_day,
    date_diff('day', cohort.index_date, followed.death_date) as death_day,
    case when dosing.going_on = 0 then date_diff('day', cohort.index_date, dosing.last_stop) end as last_dose_day,
    dosing.patient_id is not null as dosed,
    setting_period.days_after_last_dose
  from cohort
  cross join setting_period
  left join dosing on dosing.patient_id = cohort.patient_id
  left join followed on followed.patient_id = cohort.patient_id
),

bounded as (
  select *, case when dosed then 1 + coalesce(last_dose_day, followed_day) end as exposure_days,
    case when last_dose_day + days_after_last_dose < followed_day then last_dose_day + days_after_last_dose else followed_day end
      as end_day
  from days
)

select patient_id, exposure_days, end_day, case when death_day <= end_day then death_day end as death_day
from bounded
order by patient_id
