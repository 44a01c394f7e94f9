-- prior_exposure: the line before the index treatment, from its infusions on or before the index date.
-- A cycle is an atezolizumab infusion; cycles given without bevacizumab are counted apart.
select
  cohort.patient_id,
  sum(case when infusion.given_ate then 1 else 0 end) as prior_cycles,
  sum(case when infusion.given_ate and not infusion.given_bev then 1 else 0 end) as infusions_without_bev,
  date_diff('day', max(case when infusion.given_ate then infusion.date end), max(cohort.index_date)) as days_since_last_cycle
from cohort
join firstline_infusion as infusion on infusion.patient_id = cohort.patient_id and infusion.date <= cohort.index_date
group by cohort.patient_id
order by cohort.patient_id
