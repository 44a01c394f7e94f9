-- index_treatment: the first dose of EX. A dose of zero counts where it is a placebo. The drug is the arm as the protocol
-- names it: ACTARM or ARM of DM, or EXTRT of the first dose.
with
dose as (
  select USUBJID, EXTRT, EXSTDTC,
    row_number() over (partition by USUBJID order by EXSTDTC, source_row) as nth
  from sdtm_ex
  where EXSTDTC is not null and (cast(EXDOSE as double) > 0 or upper(EXTRT) like '%PLACEBO%')
)

select
  dose.USUBJID as patient_id,
  case setting.treatment when 'ACTARM' then dm.ACTARM when 'ARM' then dm.ARM else dose.EXTRT end as drug,
  cast(dose.EXSTDTC as date) as index_date
from dose
join sdtm_dm as dm on dm.USUBJID = dose.USUBJID
cross join setting_sdtm as setting
where dose.nth = 1
order by dose.USUBJID
