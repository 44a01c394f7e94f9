-- observed: from when to when each analysed patient was seen. cutoff_date: the earlier of the file's and the protocol's data
-- cut-off (setting_cutoff), null where neither is given. first_date and last_date: of any dated record up to the cut-off
-- (dated_record); a last contact after the cut-off shows that the patient was alive on it. Nothing after the cut-off counts
-- anywhere: what asks "until when" reads this relation, and the observed_ tables made with it.
with
ended as (
  select cohort.patient_id, cohort.index_date,
    case when file.data_cutoff < setting.data_cutoff then file.data_cutoff
      else coalesce(setting.data_cutoff, file.data_cutoff) end as cutoff_date
  from cohort
  cross join setting_cutoff as setting
  left join file_cutoff as file on file.patient_id = cohort.patient_id
),

seen as (
  select ended.patient_id, min(record.date) as first_date,
    max(case when record.date > ended.cutoff_date then ended.cutoff_date else record.date end) as last_date
  from ended
  join dated_record as record on record.patient_id = ended.patient_id
  group by ended.patient_id
)

select ended.patient_id, ended.index_date, ended.cutoff_date,
  case when seen.first_date < ended.index_date then seen.first_date else ended.index_date end as first_date,
  case when seen.last_date > ended.index_date then seen.last_date else ended.index_date end as last_date,
  date_diff('day', ended.index_date, ended.cutoff_date) as cutoff_day
from ended
left join seen on seen.patient_id = ended.patient_id
order by ended.patient_id
