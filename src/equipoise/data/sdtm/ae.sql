-- ae: one row per event of AE that has a start date. The grade is AETOXGR; without it the severity stands for it (mild 1,
-- moderate 2, severe 3, life threatening 4) and a fatal outcome is grade 5.
select
  ae.USUBJID as patient_id,
  'AE' || cast(cast(cast(ae.AESEQ as double) as bigint) as varchar) as ae_id,
  coalesce(ae.AEDECOD, ae.AETERM) as ctcae_term,
  coalesce(
    cast(cast(ae.AETOXGR as double) as bigint),
    case when upper(ae.AEOUT) = 'FATAL' then 5 else severity.grade end
  ) as grade,
  related.attribution,
  cast(ae.AESTDTC as date) as start,
  cast(ae.AEENDTC as date) as stop,
  case upper(ae.AEACN)
    when 'DOSE NOT CHANGED' then 'none'
    when 'DOSE REDUCED' then 'reduce'
    when 'DRUG INTERRUPTED' then 'interrupt'
    when 'DRUG WITHDRAWN' then 'stop'
  end as action,
  case upper(ae.AESER) when 'Y' then true when 'N' then false end as serious,
  case
    when upper(ae.AEOUT) like 'RECOVERED%' then 'recovered'
    when upper(ae.AEOUT) like 'RECOVERING%' then 'recovering'
    when upper(ae.AEOUT) like 'NOT RECOVERED%' then 'not recovered'
    when upper(ae.AEOUT) = 'FATAL' then 'fatal'
    when upper(ae.AEOUT) = 'UNKNOWN' then 'unknown'
  end as outcome
from sdtm_ae as ae
left join sdtm_severity as severity on severity.code = upper(ae.AESEV)
left join sdtm_relation as related on related.code = upper(ae.AEREL)
where ae.AESTDTC is not null and coalesce(ae.AETOXGR, severity.code, case when upper(ae.AEOUT) = 'FATAL' then 'FATAL' end) is not null
order by ae.USUBJID, ae.AESTDTC, ae.source_row
