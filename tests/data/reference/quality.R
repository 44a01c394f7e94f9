# Hazard ratios of overall survival without the patients of any planted defect (seed 2), from patients.csv of that run
# (equipoise run --with-patient-rows) and the identifiers of the planted patients: Rscript quality.R patients.csv ID ID ...
library(survival)
given <- commandArgs(trailingOnly = TRUE)
d <- read.csv(given[1])
d$sorafenib <- as.numeric(d$arm == "sorafenib")
out <- d$patient %in% given[-1]
print(exp(coef(coxph(Surv(os_days, os_event) ~ sorafenib, d[!out, ], ties = "efron"))), digits = 11)
left <- unique(d$matched_pair[out & d$matched_pair > 0])
m <- d[tolower(d$matched_included) == "true" & !(d$matched_pair %in% left), ]
fit <- coxph(Surv(os_days, os_event) ~ sorafenib + cluster(matched_pair), m, ties = "efron")
print(summary(fit)$conf.int[c(1, 3, 4)], digits = 11)
# R 4.x, survival: 1.7533320065; 1.4137305736 0.7096351844 2.8164248034
