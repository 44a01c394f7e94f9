# Performance of an estimator over replicates by the formulas of Morris, White and Crowther 2019, table 6, in R.
source("common.R")
estimate <- c(-0.31, -0.52, -0.12, -0.44, -0.05, -0.95, -0.29, -0.38)
se <- c(0.20, 0.22, 0.19, 0.25, 0.21, 0.24, 0.18, 0.23)
truth <- log(0.7); n <- length(estimate)
low <- estimate - qnorm(0.975) * se; high <- estimate + qnorm(0.975) * se
covers <- low <= truth & truth <= high; rejects <- 2 * pnorm(-abs(estimate / se)) < 0.05
known <- c(bias = mean(estimate) - truth, bias_se = sqrt(var(estimate) / n),
           empirical_se = sd(estimate), empirical_se_se = sd(estimate) / sqrt(2 * (n - 1)),
           model_se = sqrt(mean(se^2)), model_se_se = sqrt(var(se^2) / (4 * n * mean(se^2))),
           coverage = mean(covers), coverage_se = sqrt(mean(covers) * (1 - mean(covers)) / n),
           rejected = mean(rejects), rejected_se = sqrt(mean(rejects) * (1 - mean(rejects)) / n))
save_json(as.list(known), "replicates")
