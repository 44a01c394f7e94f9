-- baseline_item: the records of baseline_record side by side, one row per analysed patient; empty = no record in its window
select
  cohort.patient_id,
  max(case when item = 'ecog' then record.value end) as ecog,
  max(case when item = 'ascites' then lower(record.text_value) end) as ascites,
  max(case when item = 'encephalopathy' then lower(record.text_value) end) as encephalopathy,
  max(case when item = 'weight_kg' then record.value end) as weight_kg,
  max(case when item = 'height_cm' then record.value end) as height_cm,
  max(case when item = 'n_tumors' then record.value end) as n_tumors,
  max(case when item = 'max_size_cm' then record.value end) as max_size_cm,
  max(case when item = 'ehm' then lower(record.text_value) end) = 'true' as ehm,
  max(case when item = 'ln_met' then lower(record.text_value) end) = 'true' as ln_met,
  max(case when item = 'mvi' then lower(record.text_value) end) = 'true' as mvi,
  max(case when item = 'vp_grade' then record.text_value end) as vp_grade,
  max(case when item = 'bilirubin_mg_dl' then record.value end) as bilirubin_mg_dl,
  max(case when item = 'bilirubin_mg_dl' then record.text_value end) as bilirubin_comparator,
  max(case when item = 'albumin_g_dl' then record.value end) as albumin_g_dl,
  max(case when item = 'albumin_g_dl' then record.text_value end) as albumin_comparator,
  max(case when item = 'inr' then record.value end) as inr,
  max(case when item = 'inr' then record.text_value end) as inr_comparator,
  max(case when item = 'pt_percent' then record.value end) as pt_percent,
  max(case when item = 'ast_u_l' then record.value end) as ast_u_l,
  max(case when item = 'alt_u_l' then record.value end) as alt_u_l,
  max(case when item = 'platelets_e9_l' then record.value end) as platelets_e9_l,
  max(case when item = 'anc_e9_l' then record.value end) as anc_e9_l,
  max(case when item = 'hb_g_dl' then record.value end) as hb_g_dl,
  max(case when item = 'creatinine_mg_dl' then record.value end) as creatinine_mg_dl,
  max(case when item = 'sodium_mmol_l' then record.value end) as sodium_mmol_l,
  max(case when item = 'tsh_miu_l' then record.value end) as tsh_miu_l,
  max(case when item = 'urine_protein' then record.value end) as urine_protein,
  max(case when item = 'afp' then record.value end) as afp,
  max(case when item = 'afp' then record.text_value end) as afp_comparator,
  max(case when item = 'pivka' then record.value end) as pivka,
  max(case when item = 'pivka' then record.text_value end) as pivka_comparator,
  max(case when item = 'baseline_visit' then record.value end) as baseline_visit
from cohort
left join baseline_record as record on record.patient_id = cohort.patient_id
group by cohort.patient_id
order by cohort.patient_id
