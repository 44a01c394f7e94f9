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
subdistribution <- function(name, kind) {  # finegray's weights, then a weighted Cox model; cause 1 of interest
  d <- data_set(name); d$id <- seq_len(nrow(d)); d$cause <- ifelse(d$event == 1 & d$id %% 3 == 0, 2, d$event); d$state <- factor(d$cause)
  d$entry <- switch(kind, late = entering(d), plain = 0, file = d$entry)
  w <- finegray(Surv(entry, time, state) ~ ., d[, c("id", "entry", "time", "state", "x1", "x2")], etype = "1", id = id)
  f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2, w, weights = fgwt, cluster = id, control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
  list(coef = unname(coef(f)), se = unname(sqrt(diag(f$var))), weight = range(w$fgwt))
}
save_json(list(rmst = list(lung = area("lung", 400), veteran = area("veteran", 200), pbc = area("pbc", 2000)),
  concordance = lapply(setNames(nm = c("lung", "veteran", "pbc")), agreement),
  subdistribution = lapply(setNames(nm = c("lung", "veteran", "pbc", "gbsg")), function(n) sapply(c("late", "plain", "file"), subdistribution, name = n,
    simplify = FALSE))), "delayed_entry")
