-- Counts of each derived stage beside the recorded one, analysed patients with both.
select 'bclc' as item, bclc as derived, recorded_bclc as recorded, count(*) as n
from baseline
where bclc is not null and recorded_bclc is not null
group by bclc, recorded_bclc
union all
select 'child_pugh_score', cast(child_pugh_score as varchar), cast(recorded_child_pugh as varchar), count(*)
from baseline
where child_pugh_score is not null and recorded_child_pugh is not null
group by child_pugh_score, recorded_child_pugh
order by 1, 2, 3
