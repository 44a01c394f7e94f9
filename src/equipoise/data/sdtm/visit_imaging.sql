-- visit_imaging: the visits of sdtm_scan. Unscheduled where the visit's name says so. The reader is the evaluator's
-- identifier, else his role.
select
  USUBJID as patient_id,
  visit,
  cast(dtc as date) as date,
  case when upper(method) like '%CT%' then 'CT' when upper(method) like '%MR%' then 'MRI' end as modality,
  upper(coalesce(visit_name, '')) not like '%UNSCHED%' as scheduled,
  evaluable,
  coalesce(evalid, lower(setting.evaluator)) as reader
from sdtm_scan
cross join setting_sdtm as setting
order by USUBJID, visit
