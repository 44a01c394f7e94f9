-- response_comparison: each recorded response beside the one that the lesions give at the same visit
select
  setting_response.criterion, recorded.patient_id, recorded.visit, computed.date, recorded.reader,
  computed.overall as computed, recorded.response as recorded, computed.overall <> recorded.response as differ,
  computed.reason, recorded.source_row
from recorded_response as recorded
join setting_response on setting_response.recorded_as = recorded.criterion
  and (setting_response.reader is null or recorded.reader = setting_response.reader)
join computed_response as computed on computed.criterion = setting_response.criterion
  and computed.patient_id = recorded.patient_id and computed.visit = recorded.visit
order by setting_response.criterion, recorded.patient_id, recorded.visit, recorded.source_row
