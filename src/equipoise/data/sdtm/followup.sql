-- followup: death from DM, else from DS (death_source says which), its primary cause from DD. Clinical progression is
-- the first symptomatic deterioration of RS. The last contact is the death, else the latest date of DM (end of participation or of
-- the reference period), DS, a scan or that deterioration. The data cut-off is the latest date of all, unless the protocol declares it.
with
disposition as (
  select USUBJID, max(DSSTDTC) as last_dtc, min(case when upper(DSDECOD) = 'DEATH' then DSSTDTC end) as death_dtc
  from sdtm_ds
  group by USUBJID
),

imaging as (
  select USUBJID, max(dtc) as last_dtc from sdtm_scan group by USUBJID
),

worse as (
  select USUBJID, min(RSDTC) as progression_dtc from sdtm_rs where upper(RSTESTCD) = 'SYMPTDTR' group by USUBJID
),

cause as (
  select USUBJID, min(DDSTRESC) as death_cause from sdtm_dd where upper(DDTESTCD) = 'PRCDTH' group by USUBJID
),

known as (
  select dm.USUBJID, coalesce(dm.DTHDTC, disposition.death_dtc) as death_dtc,
    case when dm.DTHDTC is not null then 'demographics (DM)' when disposition.death_dtc is not null then 'disposition (DS)' end
      as death_source, imaging.last_dtc as imaging_dtc,
    worse.progression_dtc, cause.death_cause,
    nullif(greatest(
      coalesce(dm.RFPENDTC, ''), coalesce(dm.RFENDTC, ''), coalesce(dm.RFSTDTC, ''), coalesce(disposition.last_dtc, ''),
      coalesce(imaging.last_dtc, ''), coalesce(dm.DMDTC, ''), coalesce(worse.progression_dtc, '')
    ), '') as last_dtc
  from sdtm_dm as dm
  left join disposition on disposition.USUBJID = dm.USUBJID
  left join imaging on imaging.USUBJID = dm.USUBJID
  left join worse on worse.USUBJID = dm.USUBJID
  left join cause on cause.USUBJID = dm.USUBJID
)

select
  USUBJID as patient_id,
  cast(coalesce(death_dtc, last_dtc) as date) as last_contact,
  cast(imaging_dtc as date) as last_imaging,
  cast(death_dtc as date) as death_date,
  case when death_dtc is not null then death_cause end as death_cause,
  death_source,
  cast(progression_dtc as date) as progression_date,
  coalesce(setting.data_cutoff, max(cast(greatest(coalesce(death_dtc, ''), coalesce(last_dtc, '')) as date)) over ()) as data_cutoff
from known
cross join setting_sdtm as setting
order by USUBJID
