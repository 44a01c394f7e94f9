# Percentile limits of the hazard ratio over resamples of whole pairs, 40,000 of them: 12 invented pairs, no tied times.
suppressMessages(library(survival))
set.seed(20261128)
pair <- rep(1:12, each = 2)
treated <- rep(c(1, 0), 12)
time <- c(5, 11, 8, 3, 21, 13, 2, 9, 30, 17, 6, 24, 15, 4, 27, 12, 10, 7, 19, 14, 1, 16, 22, 18)
event <- c(1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1)
fit <- coxph(Surv(time, event) ~ treated)
found <- replicate(40000, {
  rows <- unlist(lapply(sample(12, replace = TRUE), function(p) which(pair == p)))
  suppressWarnings(exp(coef(coxph(Surv(time[rows], event[rows]) ~ treated[rows]))))
})
# the 25th of 1,000 draws lies between the 10th and the 40th (three binomial SEs), so their shares bound it
limits <- quantile(found, c(0.010, 0.040, 0.960, 0.990), type = 7)
cat(sprintf('{"hr": %.12g, "low": [%.6g, %.6g], "high": [%.6g, %.6g]}\n', exp(coef(fit)), limits[1], limits[2], limits[3], limits[4]))
