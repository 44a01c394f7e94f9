-- bclc_stage: Barcelona stage, version 2022 (Reig et al., J Hepatol 2022;76:681), all five stages.
--   D  ECOG 3-4 or Child-Pugh class C
--   C  macrovascular invasion, extrahepatic or lymph node metastasis, or ECOG 1-2
--   0  single nodule up to 2 cm, ECOG 0, Child-Pugh class A
--   A  single nodule of any size, or two to three nodules up to 3 cm, ECOG 0
--   B  multinodular beyond that, ECOG 0
-- Tested in this order. A stage is given only where the values at hand exclude every earlier one; else it is missing.
with
feature as (
  select
    item.patient_id, item.n_tumors, item.max_size_cm, liver.child_pugh_class,
    item.ecog >= 3 or liver.child_pugh_low >= 10 as terminal,
    item.ecog < 3 and liver.child_pugh_high <= 9 as not_terminal,
    input.mvi or input.ehm or item.ln_met or item.ecog >= 1 as advanced
  from baseline_item as item
  join inputs_liver as input on input.patient_id = item.patient_id
  join child_pugh as liver on liver.patient_id = item.patient_id
)

select
  patient_id,
  case
    when terminal then 'D'
    when not coalesce(not_terminal, false) then null
    when advanced then 'C'
    when advanced is null then null
    when n_tumors = 1 and max_size_cm > 2 then 'A'
    when n_tumors = 1 and child_pugh_class = 'B' then 'A'
    when n_tumors = 1 and max_size_cm <= 2 and child_pugh_class = 'A' then '0'
    when n_tumors > 3 then 'B'
    when n_tumors >= 2 and max_size_cm <= 3 then 'A'
    when n_tumors >= 2 and max_size_cm > 3 then 'B'
  end as bclc
from feature
order by patient_id
