-- exposure: one row per interval of EX with a dose in mg (or g) and a frequency that has a daily dose. Rows of one subject
-- that start on one day: the later row of the file. An interval begins for an adverse event where EXADJ says so; a zero dose
-- of an active drug is an interruption; any other interval after the first counts as resumed. The last interval's stop
-- reason is the subject's last disposition event; without one it is ongoing where EXENRTPT says so.
with
dose as (
  select ex.USUBJID, ex.EXSTDTC, ex.EXENDTC, ex.EXTRT, ex.EXENRTPT, ex.source_row, coalesce(ex.EXADJ, '') as adjusted,
    cast(ex.EXDOSE as double) * frequency.per_day * case when lower(ex.EXDOSU) = 'g' then 1000 else 1 end as dose_mg_day,
    row_number() over (partition by ex.USUBJID, ex.EXSTDTC order by ex.source_row desc) as latest
  from sdtm_ex as ex
  join sdtm_frequency as frequency on frequency.code = upper(ex.EXDOSFRQ)
  where ex.EXSTDTC is not null and ex.EXDOSE is not null and lower(ex.EXDOSU) in ('mg', 'g')
),

ordered as (
  select *,
    row_number() over (partition by USUBJID order by EXSTDTC) as nth,
    row_number() over (partition by USUBJID order by EXSTDTC desc) as from_last
  from dose
  where latest = 1
),

left_for as (
  select ds.USUBJID, reason.stop_reason,
    row_number() over (partition by ds.USUBJID order by ds.DSSTDTC desc, ds.source_row desc) as from_last
  from sdtm_ds as ds
  left join sdtm_disposition as reason on reason.code = upper(ds.DSDECOD)
  where upper(ds.DSCAT) = 'DISPOSITION EVENT'
)

select
  ordered.USUBJID as patient_id,
  cast(ordered.EXSTDTC as date) as start,
  cast(ordered.EXENDTC as date) as stop,
  ordered.dose_mg_day,
  case
    when nth = 1 then 'start'
    when upper(adjusted) like '%ADVERSE%' then 'AE'
    when dose_mg_day = 0 and upper(EXTRT) not like '%PLACEBO%' then 'interruption'
    else 'resume'
  end as change_reason,
  case
    when ordered.from_last = 1
    then coalesce(left_for.stop_reason, case when upper(ordered.EXENRTPT) = 'ONGOING' then 'ongoing' end)
  end as stop_reason
from ordered
left join left_for on left_for.USUBJID = ordered.USUBJID and left_for.from_last = 1
order by ordered.USUBJID, ordered.EXSTDTC
