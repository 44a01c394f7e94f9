-- child_pugh: points, score and class with the bounds that missing components leave, and the ALBI score.
-- Pugh et al., Br J Surg 1973;60:646. Points 1 / 2 / 3 and where the boundaries fall:
--   bilirubin mg/dL   below 2 / 2 to 3 / above 3          albumin g/dL   above 3.5 / 2.8 to 3.5 / below 2.8
--   INR               below 1.7 / 1.7 to 2.3 / above 2.3  ascites        none / mild / moderate or severe
--   encephalopathy    none / grade 1-2 / grade 3-4
-- Class A 5-6, B 7-9, C 10-15. A missing component may be worth 1 to 3 points; a value known only as below or above a
-- limit, ascites or encephalopathy known only as present, and a prothrombin activity without INR narrow that range
-- (activity from 70 %: 1 point; from 40 %: 1 to 2; less: 2 to 3; wider than the 50 and 40 % in use, as the activity that
-- equals an INR depends on the reagent). Score and class stand only where both bounds agree.
-- ALBI: Johnson et al., J Clin Oncol 2015;33:550: 0.66 log10(bilirubin, umol/L) - 0.085 (albumin, g/L); grade 1 up to
-- -2.60, grade 2 up to -1.39, else 3.
with
item as (
  select baseline_item.*, input.ascites, input.encephalopathy
  from baseline_item
  join inputs_liver as input on input.patient_id = baseline_item.patient_id
),

points as (
  select
    patient_id, bilirubin_mg_dl, albumin_g_dl,
    case
      when bilirubin_mg_dl is null or bilirubin_comparator = '<' then 1
      when bilirubin_comparator = '>' then case when bilirubin_mg_dl < 2 then 1 when bilirubin_mg_dl < 3 then 2 else 3 end
      when bilirubin_mg_dl < 2 then 1 when bilirubin_mg_dl <= 3 then 2 else 3
    end as bilirubin_low,
    case
      when bilirubin_mg_dl is null or bilirubin_comparator = '>' then 3
      when bilirubin_comparator = '<' then case when bilirubin_mg_dl <= 2 then 1 when bilirubin_mg_dl <= 3 then 2 else 3 end
      when bilirubin_mg_dl < 2 then 1 when bilirubin_mg_dl <= 3 then 2 else 3
    end as bilirubin_high,
    case
      when albumin_g_dl is null or albumin_comparator = '>' then 1
      when albumin_comparator = '<' then case when albumin_g_dl <= 2.8 then 3 when albumin_g_dl <= 3.5 then 2 else 1 end
      when albumin_g_dl > 3.5 then 1 when albumin_g_dl >= 2.8 then 2 else 3
    end as albumin_low,
    case
      when albumin_g_dl is null or albumin_comparator = '<' then 3
      when albumin_comparator = '>' then case when albumin_g_dl >= 3.5 then 1 when albumin_g_dl >= 2.8 then 2 else 3 end
      when albumin_g_dl > 3.5 then 1 when albumin_g_dl >= 2.8 then 2 else 3
    end as albumin_high,
    case
      when inr is null then case when pt_percent < 40 then 2 else 1 end
      when inr_comparator = '<' then 1
      when inr_comparator = '>' then case when inr < 1.7 then 1 when inr < 2.3 then 2 else 3 end
      when inr < 1.7 then 1 when inr <= 2.3 then 2 else 3
    end as inr_low,
    case
      when inr is null then case when pt_percent >= 70 then 1 when pt_percent >= 40 then 2 else 3 end
      when inr_comparator = '>' then 3
      when inr_comparator = '<' then case when inr <= 1.7 then 1 when inr <= 2.3 then 2 else 3 end
      when inr < 1.7 then 1 when inr <= 2.3 then 2 else 3
    end as inr_high,
    case when ascites in ('mild', 'present') then 2 when ascites in ('moderate', 'severe') then 3 else 1 end as ascites_low,
    case when ascites = 'none' then 1 when ascites = 'mild' then 2 else 3 end as ascites_high,
    case
      when encephalopathy in ('1-2', '1', '2', 'present') then 2 when encephalopathy in ('3-4', '3', '4') then 3 else 1
    end as encephalopathy_low,
    case
      when encephalopathy in ('none', '0') then 1 when encephalopathy in ('1-2', '1', '2') then 2 else 3
    end as encephalopathy_high
  from item
),

scored as (
  select
    *,
    bilirubin_low + albumin_low + inr_low + ascites_low + encephalopathy_low as child_pugh_low,
    bilirubin_high + albumin_high + inr_high + ascites_high + encephalopathy_high as child_pugh_high,
    0.66 * ln(bilirubin_mg_dl * 17.1) / ln(10) - 0.085 * albumin_g_dl * 10 as albi_score
  from points
),

classed as (
  select
    *,
    case when child_pugh_low <= 6 then 'A' when child_pugh_low <= 9 then 'B' else 'C' end as class_low,
    case when child_pugh_high <= 6 then 'A' when child_pugh_high <= 9 then 'B' else 'C' end as class_high
  from scored
)

select
  patient_id, bilirubin_low, bilirubin_high, albumin_low, albumin_high, inr_low, inr_high, ascites_low, ascites_high,
  encephalopathy_low, encephalopathy_high, child_pugh_low, child_pugh_high,
  case when child_pugh_low = child_pugh_high then child_pugh_low end as child_pugh_score,
  case when class_low = class_high then class_low end as child_pugh_class,
  albi_score,
  case when albi_score <= -2.60 then 1 when albi_score <= -1.39 then 2 when albi_score > -1.39 then 3 end as albi_grade
from classed
order by patient_id
