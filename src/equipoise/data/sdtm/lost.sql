-- lost: what the domains hold and the contract tables do not take over, counted by code; no value of a subject. subjects: how many of them.
select 'LB' as domain, 'test code' as rule, 'are of test codes that the contract does not know' as why,
  upper(LBTESTCD) as code, count(*) as n, count(distinct USUBJID) as subjects
from sdtm_lb
where upper(LBTESTCD) not in (select code from sdtm_test)
group by upper(LBTESTCD)

union all
select 'LB', 'unit', 'are in units that are not known for the test',
  upper(LBTESTCD) || ' in ' || coalesce(LBSTRESU, 'no unit'), count(*), count(distinct USUBJID)
from sdtm_lb
join sdtm_test on sdtm_test.code = upper(LBTESTCD)
where not exists (
  select 1 from sdtm_unit where sdtm_unit.analyte = sdtm_test.analyte and sdtm_unit.given = lower(coalesce(LBSTRESU, ''))
)
group by upper(LBTESTCD) || ' in ' || coalesce(LBSTRESU, 'no unit')

union all
select 'LB', 'result', 'have no number in LBSTRESN or no date', upper(LBTESTCD), count(*), count(distinct USUBJID)
from sdtm_lb
where upper(LBTESTCD) in (select code from sdtm_test) and (LBSTRESN is null or LBDTC is null)
group by upper(LBTESTCD)

union all
select 'AE', 'start', 'have no start date', 'AESTDTC', count(*), count(distinct USUBJID)
from sdtm_ae
where AESTDTC is null
having count(*) > 0

union all
select 'AE', 'grade', 'have neither grade nor severity', 'AETOXGR, AESEV', count(*), count(distinct USUBJID)
from sdtm_ae
where AETOXGR is null and coalesce(upper(AESEV), '') not in (select code from sdtm_severity)
  and coalesce(upper(AEOUT), '') <> 'FATAL'
having count(*) > 0

union all
select 'EX', 'dose', 'have no daily dose in mg and give no exposure',
  coalesce(EXDOSU, 'no unit') || ' ' || coalesce(EXDOSFRQ, 'no frequency'), count(*), count(distinct USUBJID)
from sdtm_ex
where EXDOSE is null or lower(coalesce(EXDOSU, '')) not in ('mg', 'g')
  or coalesce(upper(EXDOSFRQ), '') not in (select code from sdtm_frequency)
group by coalesce(EXDOSU, 'no unit') || ' ' || coalesce(EXDOSFRQ, 'no frequency')

union all
select 'TR', 'test code', 'are of test codes that are computed here or not known', upper(TRTESTCD), count(*), count(distinct USUBJID)
from sdtm_tr
where upper(TRTESTCD) not in ('LPERP', 'LDIAM', 'DIAMETER', 'TUMSTATE') and upper(TRTESTCD) not in (select code from sdtm_viable)
group by upper(TRTESTCD)

union all
select 'RS', 'visit', 'have no visit or date', 'RSDTC, VISITNUM', count(*), count(distinct USUBJID)
from sdtm_rs
where (VISITNUM is null and upper(RSTESTCD) <> 'SYMPTDTR') or RSDTC is null
having count(*) > 0

union all
select 'VS', 'test code', 'are of test codes that the contract does not know', upper(VSTESTCD), count(*), count(distinct USUBJID)
from sdtm_vs
where upper(VSTESTCD) not in (select code from sdtm_vital)
group by upper(VSTESTCD)

union all
select 'VS', 'unit', 'are in units that are not known for the test', upper(VSTESTCD) || ' in ' || coalesce(VSSTRESU, 'no unit'), count(*), count(distinct USUBJID)
from sdtm_vs
where upper(VSTESTCD) in (select code from sdtm_vital) and not exists (
  select 1 from sdtm_vital where sdtm_vital.code = upper(VSTESTCD) and sdtm_vital.unit = lower(coalesce(VSSTRESU, ''))
)
group by upper(VSTESTCD) || ' in ' || coalesce(VSSTRESU, 'no unit')

union all
select 'VS', 'result', 'have no number in VSSTRESN or no date', upper(VSTESTCD), count(*), count(distinct USUBJID)
from sdtm_vs
where upper(VSTESTCD) in (select code from sdtm_vital) and (VSSTRESN is null or VSDTC is null)
group by upper(VSTESTCD)

union all
select 'QS', 'test code', 'are of test codes that the contract does not know', upper(QSTESTCD), count(*), count(distinct USUBJID)
from sdtm_qs
where upper(QSTESTCD) not in (select code from sdtm_scale)
group by upper(QSTESTCD)

union all
select 'QS', 'result', 'have no value or no date', upper(QSTESTCD), count(*), count(distinct USUBJID)
from sdtm_qs
where upper(QSTESTCD) in (select code from sdtm_scale)
  and (
    coalesce(QSSTRESN, QSSTRESC) is null or QSDTC is null or (
      upper(QSTESTCD) in (select code from sdtm_scale where kind = 'number') and try_cast(coalesce(QSSTRESN, QSSTRESC) as double) is null
    )
  )
group by upper(QSTESTCD)

union all
select 'FA', 'test code', 'are of test codes that the contract does not know', upper(FATESTCD), count(*), count(distinct USUBJID)
from sdtm_fa
where upper(FATESTCD) not in (select code from sdtm_scale)
group by upper(FATESTCD)

union all
select 'FA', 'result', 'have no value, no unit of a length, or no date', upper(FATESTCD), count(*), count(distinct USUBJID)
from sdtm_fa
join sdtm_scale as scale on scale.code = upper(FATESTCD)
where coalesce(FASTRESN, FASTRESC) is null or FADTC is null
  or (scale.kind = 'number' and try_cast(coalesce(FASTRESN, FASTRESC) as double) is null)
  or (
    scale.item in (select item from sdtm_length)
    and not exists (select 1 from sdtm_length where sdtm_length.item = scale.item and sdtm_length.unit = lower(FASTRESU))
  )
group by upper(FATESTCD)
