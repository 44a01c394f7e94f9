-- scan_reader: scans after the index date by patient and reader
select scan.patient_id, coalesce(scan.reader, 'not recorded') as reader, count(*) as n
from visit_imaging as scan
join cohort on cohort.patient_id = scan.patient_id
join patient_cutoff as cutoff on cutoff.patient_id = scan.patient_id
where scan.date > cohort.index_date and (cutoff.data_cutoff is null or scan.date <= cutoff.data_cutoff)
group by scan.patient_id, coalesce(scan.reader, 'not recorded')
order by scan.patient_id, reader
