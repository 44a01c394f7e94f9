-- scan_reader: scans after the index date by patient and reader
select scan.patient_id, coalesce(scan.reader, 'not recorded') as reader, count(*) as n
from observed_visit_imaging as scan
join cohort on cohort.patient_id = scan.patient_id
where scan.date > cohort.index_date
group by scan.patient_id, coalesce(scan.reader, 'not recorded')
order by scan.patient_id, reader
