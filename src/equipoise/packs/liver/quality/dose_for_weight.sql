-- A first dose above the labelled one for the weight. weight_dose: drug, weight from which (kg), labelled dose per day (mg), from
-- the European product information of lenvatinib (hepatocellular carcinoma) and sorafenib. A lower first dose is a clinician's
-- decision and not listed. Without a weight the highest labelled dose counts.
with
weight_dose as (
  select 'lenvatinib' as drug, 0.0 as from_kg, 8.0 as mg_day
  union all
  select 'lenvatinib', 60.0, 12.0
  union all
  select 'sorafenib', 0.0, 800.0
),

first_dose as (
  select exposure.patient_id, exposure.dose_mg_day, exposure.source_row, lower(treatment.drug) as drug,
    row_number() over (partition by exposure.patient_id order by exposure.start, exposure.source_row) as nth
  from exposure
  join index_treatment as treatment on treatment.patient_id = exposure.patient_id
),

weight as (
  select observation.patient_id, try_cast(observation.value as double) as kg,
    row_number() over (partition by observation.patient_id order by observation.date desc, observation.source_row desc) as nth
  from observation
  join cohort on cohort.patient_id = observation.patient_id
  where observation.item = 'weight_kg' and observation.date <= cohort.index_date
),

labelled as (
  select first_dose.patient_id, first_dose.dose_mg_day, first_dose.source_row, max(weight_dose.mg_day) as mg_day
  from first_dose
  join weight_dose on weight_dose.drug = first_dose.drug
  left join weight on weight.patient_id = first_dose.patient_id and weight.nth = 1
  where first_dose.nth = 1 and (weight.kg is null or weight.kg >= weight_dose.from_kg)
  group by first_dose.patient_id, first_dose.dose_mg_day, first_dose.source_row
)
select patient_id, 'exposure' as source_table, source_row
from labelled
where dose_mg_day > mg_day
