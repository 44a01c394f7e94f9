-- lab: results of LB in standard units, for the test codes and units that the contract knows (sdtm_test, unit_factor).
select
  lb.USUBJID as patient_id,
  cast(lb.LBDTC as date) as date,
  test.analyte,
  cast(lb.LBSTRESN as double) as value,
  case when substr(lb.LBSTRESC, 1, 1) in ('<', '>') then substr(lb.LBSTRESC, 1, 1) end as comparator,
  coalesce(known.unit, '') as unit,
  cast(lb.LBSTNRHI as double) as uln,
  cast(lb.LBSTNRLO as double) as lln
from sdtm_lb as lb
join sdtm_test as test on test.code = upper(lb.LBTESTCD)
join sdtm_unit as known on known.analyte = test.analyte and known.given = lower(coalesce(lb.LBSTRESU, ''))
where lb.LBSTRESN is not null and lb.LBDTC is not null
order by lb.USUBJID, lb.LBDTC, lb.source_row
