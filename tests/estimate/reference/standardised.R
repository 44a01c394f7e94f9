# Survival standardised by a Cox model (g-formula) and its restricted mean, on the synthetic cohort of tests/stats/data.
# Rscript standardised.R   (needs survival and jsonlite; writes standardised.json beside it)
library(survival)
library(jsonlite)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(gzfile(file.path(here, "..", "..", "stats", "data", "cohort_1000.csv.gz")))
d$event <- as.integer(d$etype == 1)
days <- c(365, 730, 1095)
score <- fitted(glm(treat ~ x1 + x3, binomial, d, epsilon = 1e-14))
d$att <- ifelse(d$treat == 1, 1, score / (1 - score))
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)

# Survival of everybody under one arm, averaged by weights, as a step function: at `days`, and its area up to the last of them.
standardised <- function(model, arm, by) {
  set <- d
  set$treat <- arm
  curves <- survfit(model, newdata = set, se.fit = FALSE)
  average <- drop(curves$surv %*% (by / sum(by)))
  step <- stepfun(curves$time, c(1, average))
  corners <- c(0, curves$time[curves$time < 1095], 1095)
  list(survival = step(days), rmst = sum(step(head(corners, -1)) * diff(corners)))
}
both <- function(weights, by_arm) {
  lapply(list(a = 1, b = 0), function(arm) {
    d$w <- weights
    model <- if (by_arm) {
      coxph(Surv(time, event) ~ x1 + x3, d[d$treat == arm, ], weights = w, ties = "efron", control = tight)
    } else {
      coxph(Surv(time, event) ~ treat + x1 + x3, d, weights = w, ties = "efron", control = tight)
    }
    standardised(model, arm, weights)
  })
}
one <- rep(1, nrow(d))
answer <- list(
  survival = as.character(packageVersion("survival")), days = days, unadjusted = both(one, FALSE), att = both(d$att, FALSE),
  by_arm = both(one, TRUE)
)
write_json(answer, file.path(here, "standardised.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
