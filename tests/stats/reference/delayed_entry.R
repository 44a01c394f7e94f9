# Rscript delayed_entry.R, in this folder: restricted mean and concordance where rows are at risk on (entry, time] only
source("common.R")
entering <- function(d) { i <- seq_len(nrow(d)); pmin((i * 13) %% 61, d$time - 0.5) * (i %% 3 > 0) }
area <- function(name, tau) {
  d <- data_set(name); d$entry <- entering(d)
  fit <- survfit(Surv(entry, time, event) ~ group, d)
  m <- survival:::survmean(fit, rmean = tau)$matrix
  list(tau = tau, mean = unname(m[, "rmean"]), se = unname(m[, "se(rmean)"]))
}
agreement <- function(name) {
  d <- data_set(name); d$entry <- entering(d); d$w <- 1 + seq_len(nrow(d)) %% 3; d$score <- round(d$x1) + seq_len(nrow(d)) %% 4
  one <- function(f) list(c = unname(f$concordance), se = unname(sqrt(f$var)), counts = unname(colSums(rbind(f$count))[1:3]))
  list(plain = one(concordance(Surv(entry, time, event) ~ score, d, reverse = TRUE)),
    weighted = one(concordance(Surv(entry, time, event) ~ score, d, weights = w, reverse = TRUE)),
    stratified = one(concordance(Surv(entry, time, event) ~ score + strata(group), d, reverse = TRUE)))
}
save_json(list(rmst = list(lung = area("lung", 400), veteran = area("veteran", 200), pbc = area("pbc", 2000)),
  concordance = lapply(setNames(nm = c("lung", "veteran", "pbc")), agreement)), "delayed_entry")
