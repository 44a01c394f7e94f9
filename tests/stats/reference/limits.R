# Rscript limits.R, in this folder: a level without events left out, which is the limit of the likelihood
source("common.R")
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
one <- function(f) {
  o <- list(coef = unname(coef(f)), se = unname(sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var))), loglik = f$loglik[2])
  if (!is.null(f$naive.var)) o$robust_se <- unname(sqrt(diag(f$var)))
  o
}
left <- function(name) {
  d <- data_set(name)
  d$level <- (seq_len(nrow(d)) * 7) %% 4                # level 0 has no event
  d$event[d$level == 0] <- 0
  k <- d[d$level > 0, ]
  k$l2 <- as.numeric(k$level == 2); k$l3 <- as.numeric(k$level == 3)
  r <- list()
  for (ties in c("efron", "breslow")) {
    f <- function(...) one(eval(as.call(c(quote(coxph), as.list(substitute(list(...)))[-1], list(data = quote(k), ties = quote(ties), control = quote(control)))), parent.frame()))
    r[[ties]] <- list(plain = f(Surv(time, event) ~ x1 + l2 + l3), weight_robust = f(Surv(time, event) ~ x1 + l2 + l3, weights = weight, robust = TRUE),
      cluster = f(Surv(time, event) ~ x1 + l2 + l3, cluster = cluster), strata = f(Surv(time, event) ~ x1 + l2 + l3 + strata(stratum)),
      entry = f(Surv(entry, time, event) ~ x1 + l2 + l3))
  }
  d$cause[d$level == 0 & d$cause == 1] <- 0
  d$id <- seq_len(nrow(d))
  d$time <- d$time + d$id / (10 * nrow(d))              # untied: with ties finegray() and crr() differ by their conventions
  g <- finegray(Surv(time, factor(cause, 0:2)) ~ ., data = d, etype = 1)
  g <- g[g$level > 0, ]; g$l2 <- as.numeric(g$level == 2); g$l3 <- as.numeric(g$level == 3)
  r$fine_gray <- one(coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + l2 + l3, g, weights = fgwt, ties = "breslow", robust = FALSE, control = control))
  r$logistic <- one(glm(event ~ x1 + l2 + l3, binomial, k, control = glm.control(1e-14, 60)))
  s <- summary(glm(event ~ x1 + l2 + l3, binomial, k, control = glm.control(1e-14, 60)))$coefficients
  r$logistic <- list(coef = unname(s[, 1]), se = unname(s[, 2]))
  r$concordance <- unname(concordance(coxph(Surv(entry, time, event) ~ x1 + l2 + l3, k, control = control))$concordance)
  r
}
out <- lapply(setNames(nm = c("lung", "pbc", "gbsg")), left)
# Six rows with delayed entry
six <- data.frame(entry = c(0, 2, 1, 0, 4, 3), time = c(4, 9, 6, 11, 8, 10), event = c(1, 1, 0, 1, 1, 0), x = c(2, 0.5, 1, 0, 1.5, 3))
out$six <- unname(concordance(coxph(Surv(entry, time, event) ~ x, six))$concordance)
# Strata whose linear predictors lie 2,000 apart, by an offset: the same fit as without it
d <- data_set("pbc")
out$apart <- one(coxph(Surv(time, event) ~ x1 + x2 + strata(stratum), d, ties = "efron", control = control))
save_json(out, "limits")
