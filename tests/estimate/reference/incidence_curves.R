# Aalen-Johansen curves of survival::survfit on the synthetic cohort of tests/stats/data, by arm, as they are and weighted (ATT).
# Rscript incidence_curves.R   (needs survival and jsonlite; writes incidence_curves.json beside it)
library(survival)
library(jsonlite)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(gzfile(file.path(here, "..", "..", "stats", "data", "cohort_1000.csv.gz")))
d$state <- factor(d$etype, 0:2, c("censored", "event", "competing"))
score <- fitted(glm(treat ~ x1 + x3, binomial, d, epsilon = 1e-14))
d$att <- ifelse(d$treat == 1, 1, score / (1 - score))
days <- c(30, 100, 365, 500, 730, 1095, 1400)
curves <- function(weights) {
  lapply(list(a = 1, b = 0), function(arm) {
    part <- d[d$treat == arm, ]
    part$w <- weights[d$treat == arm]
    fit <- summary(survfit(Surv(time, state) ~ 1, part, weights = w), times = days)
    list(event = fit$pstate[, 2], competing = fit$pstate[, 3])
  })
}
at_risk <- function(arm) sapply(days, function(t) sum(d$time[d$treat == arm] >= t))
effective <- function(arm) sapply(days, function(t) {
  w <- d$att[d$treat == arm & d$time >= t]
  sum(w)^2 / sum(w^2)
})
answer <- list(
  survival = as.character(packageVersion("survival")), days = days,
  unadjusted = curves(rep(1, nrow(d))), att = curves(d$att),
  at_risk = list(a = at_risk(1), b = at_risk(0)), effective = list(a = effective(1), b = effective(0))
)
write_json(answer, file.path(here, "incidence_curves.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
