-- visit_response where the study takes the responses that readers recorded (response.source: recorded). Sizes and the scan are
-- those of the lesions, where there are any; the reason says who recorded it. Of several readers, where the study names none,
-- the first by name counts. What was recorded up to the last progression before progression_from_day belongs to the line before.
with
chosen as (
  select recorded.*, setting_response.criterion as as_criterion, setting_response.progression_from_day,
    row_number() over (
      partition by setting_response.criterion, recorded.patient_id, recorded.visit
      order by coalesce(recorded.reader, ''), recorded.source_row
    ) as nth
  from recorded_response as recorded
  join setting_response on setting_response.recorded_as = recorded.criterion
    and (setting_response.reader is null or recorded.reader = setting_response.reader)
)

select
  scan.patient_id, chosen.as_criterion as criterion, scan.visit, scan.date, scan.day,
  computed.target_sum_mm, computed.baseline_mm, computed.nadir_mm, computed.change_from_baseline_pct,
  computed.change_from_nadir_pct, computed.target_response, computed.nontarget_response,
  coalesce(computed.new_lesion, false) as new_lesion, chosen.response as overall,
  chosen.response || ': as recorded' || coalesce(' by ' || chosen.reader, '') as reason,
  chosen.source_row,
  coalesce(scan.nth <= max(case when chosen.response = 'PD' and scan.day < chosen.progression_from_day then scan.nth end) over (
    partition by chosen.as_criterion, scan.patient_id
  ), false) as line_before
from chosen
join assessment as scan on scan.patient_id = chosen.patient_id and scan.visit = chosen.visit and not scan.is_baseline
  and chosen.nth = 1
left join computed_response as computed on computed.criterion = chosen.as_criterion
  and computed.patient_id = chosen.patient_id and computed.visit = chosen.visit
order by chosen.as_criterion, scan.patient_id, scan.date, scan.visit
