# Three specifications of the founding study's multiverse by hand: score by glm, pairs by a loop, hazard ratios by survival.
# Usage: Rscript multiverse.R, in this folder; reads ../../../src/equipoise/founding/cohort.csv and writes multiverse.json.
library(survival)
d <- read.csv("../../../src/equipoise/founding/cohort.csv")
d$focal <- d$arm == "lenvatinib"; d$treated <- as.numeric(!d$focal)
d$cp_b <- as.numeric(d$child_pugh_score >= 7); d$ehm_or_ln <- as.numeric(d$ehm == 1 | d$ln_met == 1)
scores <- list(
  planned = focal ~ age + male + max_size_cm + multiple_tumors + ehm_or_ln + cp_b,
  separate = focal ~ age + male + max_size_cm + multiple_tumors + ehm + ln_met + cp_b
)
fitted_score <- function(name) glm(scores[[name]], binomial, d, control = glm.control(epsilon = 1e-14, maxit = 50))

greedy <- function(score, order, caliper) { # ties, of which there are none here, would go by the identifier
  ids <- order(d$patient_id, method = "radix"); focal <- ids[d$focal[ids]]; free <- ids[!d$focal[ids]]
  limit <- if (is.na(caliper)) Inf else caliper * sd(score)
  if (order == "data") focal <- sort(focal) else focal <- focal[order(if (order == "largest") -score[focal] else score[focal])]
  pair <- integer(nrow(d)); k <- 0
  for (i in focal) {
    gap <- abs(score[free] - score[i]); best <- which.min(gap)
    if (length(free) && gap[best] <= limit) { k <- k + 1; pair[c(i, free[best])] <- k; free <- free[-best] }
  }
  pair
}
told <- function(m, n) {
  ends <- exp(coef(m)[[1]] + c(-1, 1) * qnorm(.975) * sqrt(m$var[1, 1]))
  list(hr = exp(coef(m)[[1]]), low = ends[1], high = ends[2], n = n, events = m$nevent)
}
matched <- function(score, scale, order, caliper, time, event) {
  m <- fitted_score(score); pair <- greedy(if (scale == "logit") m$linear.predictors else m$fitted.values, order, caliper)
  x <- d[pair > 0, ]; x$set <- pair[pair > 0]; x$time <- x[[time]]; x$event <- x[[event]]
  fit <- coxph(Surv(time, event) ~ treated, x, cluster = set, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 50))
  told(fit, nrow(x))
}
overlap <- function(score, time, event) {
  e <- fitted_score(score)$fitted.values; x <- d; x$w <- ifelse(x$focal, 1 - e, e); x$id <- seq_len(nrow(x))
  x$time <- x[[time]]; x$event <- x[[event]]
  fit <- coxph(Surv(time, event) ~ treated, x, weights = w, cluster = id, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 50))
  told(fit, nrow(x))
}
out <- list(
  source = paste("survival", packageVersion("survival"), "R", getRversion()),
  "pfs separate smallest 0.1 probability" = matched("separate", "probability", "smallest", 0.1, "pfs_days", "pfs_event"),
  "os planned data none logit" = matched("planned", "logit", "data", NA, "os_days", "os_event"),
  "pfs planned overlap" = overlap("planned", "pfs_days", "pfs_event"),
  "os planned largest 0.2 logit" = matched("planned", "logit", "largest", 0.2, "os_days", "os_event")
)
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "multiverse.json")
