-- liver_scores: further scores of the liver and of the tumour burden, one row per analysed patient; a score with a missing
-- component is missing. With a bilirubin or INR known only as below or above a limit there is no MELD; creatinine, sodium,
-- AST, ALT and platelets are taken as printed.
--   mALBI    Hiraoka et al., Liver Cancer 2017;6:325: ALBI grade 2 divided at -2.27 (2a below, 2b from there)
--   MELD     Wiesner et al., Gastroenterology 2003;124:91, after Kamath et al., Hepatology 2001;33:464:
--            9.57 ln(creatinine) + 3.78 ln(bilirubin) + 11.20 ln(INR) + 6.43, values below 1 set to 1, creatinine above 4
--            set to 4, rounded, 6 to 40 (dialysis is not recorded and not considered)
--   MELD-Na  the allocation rule of 2016 after Kim et al., N Engl J Med 2008;359:1018: for a MELD above 11
--            MELD + 1.32 (137 - Na) - 0.033 MELD (137 - Na), sodium 125 to 137, rounded, 6 to 40
--   FIB-4    Sterling et al., Hepatology 2006;43:1317: age x AST / (platelets x sqrt(ALT))
--   up-to-7  Mazzaferro et al., Lancet Oncol 2009;10:35: number of nodules + size of the largest in cm, within 7. One
--            known part may prove that it is beyond; seven nodules are beyond whatever their size
--   AFP, PIVKA-II  low and high: the interval that a limit of detection leaves ('<20' is 0 to 20, '>60000' has no upper end)
with
item as (
  select
    baseline_item.*, patient.age_index,
    inputs_liver.afp, inputs_liver.afp_comparator, inputs_liver.pivka, inputs_liver.pivka_comparator,
    case when coalesce(bilirubin_comparator, '=') = '=' then bilirubin_mg_dl end as bilirubin_exact,
    case when coalesce(inr_comparator, '=') = '=' then inr end as inr_exact
  from baseline_item
  join inputs_liver on inputs_liver.patient_id = baseline_item.patient_id
  left join patient on patient.patient_id = baseline_item.patient_id
),

meld_raw as (
  select
    patient_id, sodium_mmol_l,
    round(
      9.57 * ln(least(greatest(creatinine_mg_dl, 1.0), 4.0)) + 3.78 * ln(greatest(bilirubin_exact, 1.0))
      + 11.20 * ln(greatest(inr_exact, 1.0)) + 6.43
    ) as unbounded
  from item
  where creatinine_mg_dl is not null and bilirubin_exact is not null and inr_exact is not null
),

meld_bounded as (
  select
    patient_id, least(greatest(unbounded, 6), 40) as meld,
    case when sodium_mmol_l is not null then 137 - least(greatest(sodium_mmol_l, 125.0), 137.0) end as sodium_deficit
  from meld_raw
),

meld_sodium as (
  select
    patient_id, meld,
    case
      when sodium_deficit is null then null
      when meld <= 11 then meld
      else least(greatest(round(meld + 1.32 * sodium_deficit - 0.033 * meld * sodium_deficit), 6), 40)
    end as meld_na
  from meld_bounded
)

select
  item.patient_id,
  case
    when liver.albi_score <= -2.60 then '1' when liver.albi_score < -2.27 then '2a' when liver.albi_score <= -1.39 then '2b'
    when liver.albi_score > -1.39 then '3'
  end as malbi_grade,
  meld_sodium.meld, meld_sodium.meld_na,
  case
    when item.platelets_e9_l > 0 and item.alt_u_l > 0 then item.age_index * item.ast_u_l / (item.platelets_e9_l * sqrt(item.alt_u_l))
  end as fib4,
  item.n_tumors + item.max_size_cm as tumor_burden,
  case
    when item.n_tumors >= 7 or item.max_size_cm > 6 then false
    when item.n_tumors is not null and item.max_size_cm is not null then item.n_tumors + item.max_size_cm <= 7
  end as up_to_7,
  case when item.afp_comparator = '<' then 0 else item.afp end as afp_low,
  case when coalesce(item.afp_comparator, '=') <> '>' then item.afp end as afp_high,
  case when item.pivka_comparator = '<' then 0 else item.pivka end as pivka_low,
  case when coalesce(item.pivka_comparator, '=') <> '>' then item.pivka end as pivka_high
from item
join child_pugh as liver on liver.patient_id = item.patient_id
left join meld_sodium on meld_sodium.patient_id = item.patient_id
order by item.patient_id
