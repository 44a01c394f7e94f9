# Rscript cox.R, in this folder
source("common.R")
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
zph <- function(f) lapply(setNames(nm = c("km", "rank", "identity", "log")), function(tr) { z <- cox.zph(f, tr, terms = FALSE)$table; list(chi2 = unname(z[, 1]), p = unname(z[, 3])) })
one <- function(f, test = TRUE) {
  o <- list(coef = unname(coef(f)), se = unname(sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var))), loglik = f$loglik, score = f$score,
    wald = unname(f$wald.test), n = f$n, nevent = f$nevent, conf = unname(exp(confint(f))))
  if (!is.null(f$naive.var)) { o$robust_se <- unname(sqrt(diag(f$var))); o$covariance <- unname(f$var) }
  if (test) o$zph <- zph(f)
  o
}
fits <- function(d) {
  d$X <- covariates(d); r <- list()
  f <- function(...) one(eval(as.call(c(quote(coxph), as.list(substitute(list(...)))[-1], list(data = quote(d), control = quote(control)))), parent.frame()))
  for (ties in c("efron", "breslow")) {
    r[[ties]] <- list(
      plain = f(Surv(time, event) ~ X, ties = ties), weight = f(Surv(time, event) ~ X, weights = weight, robust = FALSE, ties = ties),
      weight_robust = f(Surv(time, event) ~ X, weights = weight, robust = TRUE, ties = ties),
      robust = f(Surv(time, event) ~ X, robust = TRUE, ties = ties), cluster = f(Surv(time, event) ~ X, cluster = cluster, ties = ties),
      strata = f(Surv(time, event) ~ X + strata(stratum), ties = ties), entry = f(Surv(entry, time, event) ~ X, ties = ties),
      offset = f(Surv(time, event) ~ X[, -1] + offset(X[, 1] / 50), ties = ties),
      all = f(Surv(entry, time, event) ~ X + strata(stratum), weights = weight, cluster = cluster, ties = ties))
  }
  r
}
for_each <- function(d, keep = TRUE) { if (ncol(covariates(d)) == 1) d$x2 <- seq_len(nrow(d)) %% 5; fits(d) }
out <- lapply(setNames(nm = names_all), function(name) for_each(data_set(name)))
# Degenerate designs on lung
d <- data_set("lung"); d$twice <- 2 * d$x1 - d$x2; d$one <- 1; d$alive <- 1 - d$event
alias <- coxph(Surv(time, event) ~ x1 + x2 + twice + one + x3, d, control = control)
apart <- suppressWarnings(coxph(Surv(time, event) ~ x1 + alive + x2, d, control = coxph.control(eps = 1e-13, iter.max = 60)))
first <- d[order(d$time), ]; first$event <- as.integer(seq_len(nrow(d)) == 20)
one_event <- coxph(Surv(time, event) ~ x2, first, control = control)
same <- d; same$time <- 100
same_time <- lapply(setNames(nm = c("efron", "breslow")), function(t) one(coxph(Surv(time, event) ~ x1 + x2, same, ties = t, control = control), FALSE))
pairs <- d; pairs$pair <- (seq_len(nrow(d)) - 1) %/% 2
out$degenerate <- list(alias = list(coef = unname(coef(alias)), loglik = alias$loglik, se = unname(sqrt(diag(alias$var)))),
  separated = list(coef = unname(coef(apart)), loglik = apart$loglik), one_event = one(one_event, FALSE), same_time = same_time,
  pair_strata = one(coxph(Surv(time, event) ~ x1 + x2 + strata(pair), pairs, control = control)),
  empty_strata = one(coxph(Surv(time, event) ~ x1 + x2 + strata(stratum), transform(d, event = event * (stratum > 0)), control = control)))
save_json(out, "cox")
