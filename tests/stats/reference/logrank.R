# Rscript logrank.R, in this folder
source("common.R")
one <- function(f) list(chi2 = f$chisq, df = sum(rowSums(cbind(f$exp)) > 0) - 1, p = f$pvalue, observed = rowSums(cbind(f$obs)), expected = rowSums(cbind(f$exp)), covariance = f$var)
out <- list()
for (name in names_all) {
  d <- data_set(name)
  out[[name]] <- list(plain = one(survdiff(Surv(time, event) ~ group, d)), peto = one(survdiff(Surv(time, event) ~ group, d, rho = 1)),
    half = one(survdiff(Surv(time, event) ~ group, d, rho = .5)), strata = one(survdiff(Surv(time, event) ~ group + strata(stratum), d)),
    strata_peto = one(survdiff(Surv(time, event) ~ group + strata(stratum), d, rho = 1)), many = one(survdiff(Surv(time, event) ~ stratum, d)))
}
save_json(out, "logrank")
