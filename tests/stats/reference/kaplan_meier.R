# Rscript kaplan_meier.R, in this folder
source("common.R")
one <- function(f) {
  se <- if (isTRUE(f$logse)) f$std.err * f$surv else f$std.err
  q <- quantile(f, c(.25, .5, .75))
  i <- unique(round(seq(1, length(f$time), length.out = 40)))  # forty places of a long curve show as much as all
  list(place = i, n_times = length(f$time), time = f$time[i], at_risk = f$n.risk[i], events = f$n.event[i], survival = f$surv[i], std_err = se[i],
    low = f$lower[i], high = f$upper[i], quantile = unname(q$quantile), quantile_low = unname(q$lower), quantile_high = unname(q$upper))
}
out <- list()
for (name in names_all) {
  d <- data_set(name); r <- list()
  for (ct in c("log", "log-log", "plain", "logit", "arcsin")) r[[ct]] <- one(survfit(Surv(time, event) ~ 1, d, conf.type = ct))
  r$level90 <- one(survfit(Surv(time, event) ~ 1, d, conf.int = .9))
  r$group <- lapply(sort(unique(d$group)), function(g) one(survfit(Surv(time, event) ~ 1, d[d$group == g, ])))
  r$frequency <- one(survfit(Surv(time, event) ~ 1, d, weights = frequency))
  r$weight <- one(survfit(Surv(time, event) ~ 1, d, weights = weight))
  r$entry <- one(survfit(Surv(entry, time, event) ~ 1, d))
  r$entry_weight <- one(survfit(Surv(entry, time, event) ~ 1, d, weights = weight, id = seq_len(nrow(d))))
  r$reverse <- one(survfit(Surv(time, 1 - event) ~ 1, d))
  d$time <- d$time / 30.4375; r$months <- one(survfit(Surv(time, event) ~ 1, d))
  out[[name]] <- r
}
plateau <- function(time, event) { q <- quantile(survfit(Surv(time, event) ~ 1), .5); unname(c(q$quantile, q$lower, q$upper)) }
out$plateau <- list(to_the_end = plateau(1:4, c(1, 1, 0, 0)), next_event = plateau(1:4, rep(1, 4)), censored_between = plateau(1:6, c(1, 1, 1, 0, 1, 1)),
  none = plateau(1:3, c(0, 0, 0)), never = plateau(1:4, c(1, 0, 0, 0)))
out$float_ties <- one(survfit(Surv(c(.1 + .2, .3, .7, 1 - .3, 1.1), c(1, 1, 0, 1, 1)) ~ 1))
save_json(out, "kaplan_meier")
