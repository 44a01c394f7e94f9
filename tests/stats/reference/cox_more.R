# Rscript cox_more.R, in this folder: exact ties, predicted curves, residuals, concordance
source("common.R")
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
curve <- function(f) { i <- which(f$n.event > 0); i <- i[unique(round(seq(1, length(i), length.out = 25)))]; list(time = f$time[i], cumhaz = f$cumhaz[i], survival = f$surv[i], se = (f$std.err * f$surv)[i], low = f$lower[i], high = f$upper[i]) }
conc <- function(f) { c <- concordance(f); list(c = unname(c$concordance), se = sqrt(unname(c$var)), count = unname((if (is.matrix(c$count)) colSums(c$count) else c$count)[1:3])) }
res <- function(f) { i <- unique(round(seq(1, f$n, length.out = 40))); m <- function(x) unname(as.matrix(x)); list(row = i, martingale = unname(resid(f, "martingale"))[i], deviance = unname(resid(f, "deviance"))[i], score = m(resid(f, "score"))[i, , drop = FALSE],
  dfbeta = m(resid(f, "dfbeta"))[i, , drop = FALSE], schoenfeld = m(resid(f, "schoenfeld"))[seq_len(min(30, f$nevent)), , drop = FALSE]) }
out <- list()
for (name in names_all) {
  d <- data_set(name); if (ncol(covariates(d)) == 1) d$x2 <- seq_len(nrow(d)) %% 5
  d$X <- covariates(d); x0 <- colMeans(d$X) + .3 * apply(d$X, 2, sd); r <- list()
  for (ties in c("efron", "breslow")) {
    f <- coxph(Surv(time, event) ~ X, d, ties = ties, control = control, x = TRUE); nd <- list(X = matrix(x0, 1))
    g <- coxph(Surv(time, event) ~ X, d, ties = ties, weights = weight, robust = FALSE, control = control, x = TRUE)
    e <- coxph(Surv(entry, time, event) ~ X, d, ties = ties, control = control, x = TRUE)
    r[[ties]] <- list(at_mean = curve(survfit(f, newdata = list(X = matrix(colMeans(d$X), 1)))), at_x = curve(survfit(f, newdata = nd)), loglog = curve(survfit(f, newdata = nd, conf.type = "log-log")), weight_at_x = curve(survfit(g, newdata = nd)),
      entry_at_x = curve(survfit(e, newdata = nd)), base = basehaz(f, centered = FALSE)$hazard[c(5, 10)], base_time = basehaz(f, centered = FALSE)$time[c(5, 10)],
      residuals = res(f), weight_residuals = res(g), entry_residuals = res(e))
  }
  f <- coxph(Surv(time, event) ~ X, d, control = control); fs <- coxph(Surv(time, event) ~ X + strata(stratum), d, control = control)
  r$concordance <- list(plain = conc(f), weight = conc(coxph(Surv(time, event) ~ X, d, weights = weight, control = control)), strata = conc(fs))
  r$x0 <- unname(x0)
  if (name %in% c("lung", "veteran", "ovarian", "aml", "lung_months", "pbc")) { e <- coxph(Surv(time, event) ~ X, d, ties = "exact", control = control); es <- coxph(Surv(time, event) ~ X + strata(stratum), d, ties = "exact", control = control)
    r$exact <- lapply(list(plain = e, strata = es), function(e) list(coef = unname(coef(e)), se = unname(sqrt(diag(e$var))), loglik = e$loglik, score = e$score)) }
  out[[name]] <- r
}
save_json(out, "cox_more")
