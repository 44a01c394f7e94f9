-- visit_response: the response at each scan after the index date, RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228)
-- and mRECIST by the sizes of scan_reading. Tested in this order.
--   target      PD: sum at least 20 % and minimum_increase_mm above the nadir, the smallest whole sum before, baseline
--               included (a part of the sum may prove it); or a target seen again after all were gone. NE: a target not
--               measured. CR: all gone. PR: sum at least 30 % below baseline. Else SD.
--   non-target  PD: unequivocal progression. NE: one not assessed. CR: all gone. Else NON-CR/NON-PD.
--   overall     PD: either, a new lesion, or a non-target seen again after a CR. Otherwise by the target response, CR only with non-targets gone; without
--               targets by the non-target response.
-- A progression before progression_from_day belongs to the line before: it stays in the list (line_before), and the scan is
-- the new baseline, from which the nadir restarts.
-- A scan that could not be read, and any scan without a baseline scan, is NE. 0.000001 mm absorbs binary rounding.
-- Numbers in the reason are rounded half away from zero, alike on every engine.
with
era as (
  select reading.*, false as restarted, restart.nth is not null as line_before, reading.is_baseline as begins,
    coalesce(reading.nth = restart.nth, false) as restarts
  from scan_reading as reading
  left join restart on restart.criterion = reading.criterion and restart.patient_id = reading.patient_id
  where restart.nth is null or reading.nth <= restart.nth
  union all
  select reading.*, true as restarted, false as line_before, reading.nth = restart.nth as begins, false as restarts
  from scan_reading as reading
  join restart on restart.criterion = reading.criterion and restart.patient_id = reading.patient_id
  where reading.nth >= restart.nth
),

history as (
  select
    *,
    evaluable and n_targets > 0 and n_measured = n_targets as whole,
    max(case when begins then known_sum_mm end) over (partition by criterion, patient_id, restarted) as baseline_mm,
    min(case when evaluable and n_targets > 0 and n_measured = n_targets then known_sum_mm end) over (
      partition by criterion, patient_id, restarted order by nth rows between unbounded preceding and 1 preceding
    ) as nadir_mm,
    max(case when evaluable and n_targets > 0 and n_gone = n_targets then 1 else 0 end) over (
      partition by criterion, patient_id, restarted order by nth rows between unbounded preceding and 1 preceding
    ) as were_gone
  from era
),

parts as (
  select
    *,
    case
      when n_targets = 0 then null
      when not evaluable then 'NE'
      when known_sum_mm > nadir_mm and known_sum_mm >= 1.2 * nadir_mm - 0.000001
        and known_sum_mm - nadir_mm >= minimum_increase_mm - 0.000001 then 'PD'
      when were_gone = 1 and n_visible > 0 then 'PD'
      when n_measured < n_targets then 'NE'
      when n_gone = n_targets then 'CR'
      when known_sum_mm <= 0.7 * baseline_mm + 0.000001 then 'PR'
      else 'SD'
    end as target_response,
    case
      when n_nontargets = 0 then null
      when not evaluable then 'NE'
      when n_nontargets_progressed > 0 then 'PD'
      when n_nontargets_seen < n_nontargets then 'NE'
      when n_nontargets_gone = n_nontargets then 'CR'
      else 'NON-CR/NON-PD'
    end as nontarget_response
  from history
  where not begins
),

complete as (
  select
    *,
    max(case
      when evaluable and baseline_visit is not null and n_new = 0 and n_targets + n_nontargets > 0
        and coalesce(target_response, 'CR') = 'CR' and coalesce(nontarget_response, 'CR') = 'CR' then 1
      else 0
    end) over (partition by criterion, patient_id, restarted order by nth rows between unbounded preceding and 1 preceding) as was_complete
  from parts
),

decided as (
  select
    *,
    was_complete = 1 and n_nontargets_gone < n_nontargets_seen as is_back,
    case
      when not evaluable or baseline_visit is null then 'NE'
      when n_new > 0 or target_response = 'PD' or nontarget_response = 'PD' then 'PD'
      when was_complete = 1 and n_nontargets_gone < n_nontargets_seen then 'PD'
      when target_response = 'CR' then case when coalesce(nontarget_response, 'CR') = 'CR' then 'CR' else 'PR' end
      when target_response is not null then target_response
      when nontarget_response is not null then nontarget_response
      else 'NE'
    end as overall,
    100 * (known_sum_mm - baseline_mm) / case when baseline_mm > 0 then baseline_mm end as from_baseline,
    100 * (known_sum_mm - nadir_mm) / case when nadir_mm > 0 then nadir_mm end as from_nadir
  from complete
),

worded as (
  select
    *,
    case when whole then 'target sum ' else 'known part of the target sum ' end as sum_name,
    cast(cast(floor(known_sum_mm + 0.5) as bigint) as varchar) as sum_text,
    cast(cast(floor(baseline_mm + 0.5) as bigint) as varchar) as baseline_text,
    cast(cast(floor(nadir_mm + 0.5) as bigint) as varchar) as nadir_text,
    case when from_baseline <= -0.5 then '-' else '+' end
      || cast(cast(floor(abs(from_baseline) + 0.5) as bigint) as varchar) || ' %' as from_baseline_text,
    case when from_nadir is null then '' else '+' || cast(cast(floor(from_nadir + 0.5) as bigint) as varchar) || ' % and ' end
      || '+' || cast(cast(floor(known_sum_mm - nadir_mm + 0.5) as bigint) as varchar) || ' mm over the nadir' as over_nadir_text
  from decided
)

select
  patient_id, criterion, visit, date, day,
  case when whole then known_sum_mm end as target_sum_mm, baseline_mm, nadir_mm,
  case when whole then from_baseline end as change_from_baseline_pct,
  case when whole then from_nadir end as change_from_nadir_pct,
  target_response, nontarget_response, evaluable and baseline_visit is not null and n_new > 0 as new_lesion, overall,
  overall || ': ' || case
    when not evaluable then 'the scan could not be evaluated'
    when baseline_visit is null then 'no baseline scan in its window'
    when overall = 'PD' then substr(
      case when n_new > 0 then '; new lesion' else '' end
      || case when nontarget_response = 'PD' then '; unequivocal progression of non-target disease' else '' end
      || case
        when coalesce(target_response, '') <> 'PD' then ''
        when known_sum_mm - nadir_mm >= minimum_increase_mm - 0.000001 and known_sum_mm >= 1.2 * nadir_mm - 0.000001
          then '; ' || sum_name || nadir_text || ' to ' || sum_text || ' mm, ' || over_nadir_text
        else '; a target seen again after all were gone'
      end
      || case when coalesce(is_back, false) then '; a non-target lesion seen again after a complete response' else '' end, 3)
    when overall = 'CR' then 'all lesions gone'
    when target_response = 'CR' then 'all targets gone, non-target disease '
      || case when nontarget_response = 'NE' then 'not fully assessed' else 'remains' end
    when overall in ('PR', 'SD') then sum_name || baseline_text || ' to ' || sum_text || ' mm, ' || from_baseline_text
      || ' from baseline'
    when target_response = 'NE' then cast(n_targets - n_measured as varchar) || ' of ' || cast(n_targets as varchar)
      || ' targets not measured'
    when nontarget_response = 'NE' then cast(n_nontargets - n_nontargets_seen as varchar) || ' of '
      || cast(n_nontargets as varchar) || ' non-target lesions not assessed'
    when nontarget_response = 'NON-CR/NON-PD' then 'no target at baseline, non-target disease remains'
    else 'no lesion at baseline'
  end || case
    when line_before and overall = 'PD' then '; before day ' || cast(progression_from_day as varchar)
      || ', so of the line before' || case when restarts then ': the new baseline' else '' end
    else ''
  end as reason,
  source_row, line_before
from worded
order by criterion, patient_id, date, visit
