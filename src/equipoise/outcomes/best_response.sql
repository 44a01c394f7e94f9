-- best_response: the best overall response that the study uses: confirmed where response.confirmation asks for it
select patient_id, best_response_both.criterion, bor, date
from best_response_both
join setting_response on setting_response.criterion = best_response_both.criterion
  and setting_response.confirmation = best_response_both.confirmation
order by best_response_both.criterion, patient_id
