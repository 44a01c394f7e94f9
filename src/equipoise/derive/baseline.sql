-- baseline_core: everything that a covariate may use but what the rule packs add, one row per analysed patient
select
  cohort.patient_id,
  patient.site, patient.sex, patient.age_index, patient.alcohol, patient.nash, patient.other_liver_disease,
  patient.diagnosis_basis, patient.diagnosis_date, patient.cirrhosis, patient.portal_hypertension,
  treatment.drug, cohort.index_date, treatment.recorded_child_pugh, treatment.recorded_bclc,
  item.ecog, item.karnofsky, item.ascites, item.encephalopathy, item.weight_kg, item.height_cm,
  item.n_tumors, item.max_size_cm, item.ehm, item.ln_met, item.mvi, item.vp_grade,
  item.bilirubin_mg_dl, item.albumin_g_dl, item.inr, item.pt_percent, item.ast_u_l, item.alt_u_l, item.platelets_e9_l,
  item.anc_e9_l, item.hb_g_dl, item.creatinine_mg_dl, item.tsh_miu_l, item.urine_protein,
  item.leukocytes_e9_l, item.lymphocytes_e9_l, item.alp_u_l, item.ggt_u_l, item.ldh_u_l, item.cpk_u_l,
  item.lipase_u_l, item.amylase_u_l, item.crp_mg_l, item.calcium_mg_dl, item.corrected_calcium_mg_dl,
  item.ionized_calcium_mg_dl, item.potassium_mmol_l, item.magnesium_mg_dl, item.glucose_mg_dl,
  item.uric_acid_mg_dl, item.cholesterol_mg_dl, item.triglycerides_mg_dl, item.fibrinogen_mg_dl, item.aptt_s,
  item.afp, item.afp_comparator, item.pivka, item.pivka_comparator,
  item.sodium_mmol_l,
  history.earlier_tace, history.earlier_rfa, history.earlier_resection, history.earlier_transplantation,
  history.earlier_radiotherapy, history.n_earlier_tace, history.firstline_best_response,
  history.prior_line_days, history.days_since_last_dose,
  exposure.prior_cycles, exposure.infusions_without_bev, exposure.days_since_last_cycle
from cohort
left join patient on patient.patient_id = cohort.patient_id
left join index_treatment as treatment on treatment.patient_id = cohort.patient_id
join baseline_item as item on item.patient_id = cohort.patient_id
join treatment_history as history on history.patient_id = cohort.patient_id
left join prior_exposure as exposure on exposure.patient_id = cohort.patient_id
order by cohort.patient_id
