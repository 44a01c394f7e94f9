# The numbers of test_journey.py: R 4.2.2, survival 3.5-3. Run: Rscript journey.R cohort.csv, columns new, months, died.
library(survival)
d <- read.csv(commandArgs(TRUE)[1], header = FALSE, col.names = c("new", "months", "died"))
print(c(nrow(d), sum(d$died)))
print(summary(survfit(Surv(months, died) ~ new, d))$table[, "median"], digits = 10)
print(exp(coef(coxph(Surv(months, died) ~ new, d))), digits = 10)
