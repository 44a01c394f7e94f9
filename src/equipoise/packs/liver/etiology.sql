-- etiology: hepatitis B and C from serology on or before the index date, other causes from the patient table.
-- Hepatitis B: HBsAg positive for more than six months (Terrault et al., Hepatology 2018;67:1560), that is positive on two
-- dates more than 183 days apart (half of 365.25 days, rounded) with no negative result from the first to the second.
-- Hepatitis C: anti-HCV ever positive. Either makes the etiology viral, both count once. Non-viral needs an HBsAg result
-- or a recorded non-viral cause; with neither the etiology is missing.
with
test as (
  select serology.patient_id, serology.date, serology.test, serology.result
  from serology
  join cohort on cohort.patient_id = serology.patient_id
  where serology.date <= cohort.index_date
),

hepatitis_b as (
  select distinct earlier.patient_id
  from test as earlier
  join test as later on later.patient_id = earlier.patient_id
  where earlier.test = 'HBsAg' and earlier.result = 'positive' and later.test = 'HBsAg' and later.result = 'positive'
    and date_diff('day', earlier.date, later.date) > 183
    and not exists (
      select 1 from test as negative
      where negative.patient_id = earlier.patient_id and negative.test = 'HBsAg' and negative.result = 'negative'
        and negative.date >= earlier.date and negative.date <= later.date
    )
),

status as (
  select
    cohort.patient_id,
    exists (select 1 from hepatitis_b where hepatitis_b.patient_id = cohort.patient_id) as hbv,
    exists (
      select 1 from test
      where test.patient_id = cohort.patient_id and test.test = 'anti-HCV' and test.result = 'positive'
    ) as hcv,
    exists (select 1 from test where test.patient_id = cohort.patient_id and test.test = 'HBsAg') as hbsag_tested,
    coalesce(patient.alcohol, false) as alcohol,
    coalesce(patient.nash, false) as nash,
    coalesce(trim(patient.other_liver_disease), '') <> '' as other
  from cohort
  left join patient on patient.patient_id = cohort.patient_id
)

select
  patient_id, hbv, hcv,
  case when hbv or hcv then 'viral' when hbsag_tested or alcohol or nash or other then 'non-viral' end as etiology,
  case
    when hbv and hcv then 'HBV and HCV' when hbv then 'HBV' when hcv then 'HCV'
    when alcohol then 'alcohol' when nash then 'NASH' when other then 'other' when hbsag_tested then 'unknown'
  end as etiology_detail
from status
order by patient_id
