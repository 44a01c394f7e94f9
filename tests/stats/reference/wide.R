# Rscript wide.R, in this folder: delayed entry with linear predictors far apart, and Fine-Gray with a level without events
source("common.R")
suppressPackageStartupMessages(library(cmprsk))
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
# Six waves of ten enter one after the other, each with a linear predictor (an offset) above that of the wave before.
# Each event's risk set is a stratum of its own: the same likelihood without any delayed entry, and without subtraction.
set.seed(20)
n <- 60
wave <- rep(0:5, each = 10)
entry <- wave * 20 + sample(0:9, n, TRUE)
time <- entry + sample(5:90, n, TRUE) + seq_len(n) / 100
event <- rbinom(n, 1, 0.7)
x1 <- round(rnorm(n), 3); x2 <- rbinom(n, 1, 0.5)
apart <- function(spread) {
  off <- spread * wave / 5 + round(x1 * 2, 3)
  long <- do.call(rbind, lapply(which(event == 1), function(i) {
    k <- which(entry < time[i] & time >= time[i])
    data.frame(id = k, set = i, d = as.numeric(k == i), x1 = x1[k], x2 = x2[k], off = off[k] - max(off[k]))
  }))
  f <- coxph(Surv(rep(1, nrow(long)), d) ~ x1 + x2 + offset(off) + strata(set), long, cluster = id, ties = "breslow", control = control)
  list(spread = spread, offset = off, coef = unname(coef(f)), se = unname(sqrt(diag(f$naive.var))), robust_se = unname(sqrt(diag(f$var))))
}
out <- list(entry = entry, time = time, event = event, x1 = x1, x2 = x2, wide = lapply(c(0, 40, 100, 350, 700), apart))
# crr() begun at -20 for the level that has no event: its likelihood ratio to the limit is below 1e-8
limit <- function(name) {
  d <- data_set(name)
  level <- (seq_len(nrow(d)) * 7) %% 4
  d$cause[level == 0 & d$cause == 1] <- 0
  time <- d$time + seq_len(nrow(d)) / (10 * nrow(d))
  f <- crr(time, d$cause, cbind(d$x1, level == 0, level == 2, level == 3), init = c(0, -20, 0, 0), gtol = 1e-10)
  list(coef = f$coef[c(1, 3, 4)], se = sqrt(diag(f$var))[c(1, 3, 4)], lost = f$coef[2])
}
out$limit <- lapply(setNames(nm = c("lung", "pbc", "gbsg")), limit)
# Covariates that put linear predictors apart: crr() itself
set.seed(21)
m <- 200
z <- cbind(round(runif(m, 0, 60), 3), rbinom(m, 1, 0.5))
t <- rank(-z[, 1] + log(rexp(m)) + z[, 2] / 2) + 0
cause <- ifelse(runif(m) < 0.1 & z[, 1] < 30, 0, ifelse(z[, 1] > 8, 1, 2))
f <- crr(t, cause, z, gtol = 1e-10)
out$crr <- list(z1 = z[, 1], z2 = z[, 2], time = t, cause = cause, coef = unname(f$coef), se = unname(sqrt(diag(f$var))))
save_json(out, "wide", c("survival", "cmprsk"))
