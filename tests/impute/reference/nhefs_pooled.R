# Effects within each stored imputation of nhefs, by survival and stats of R, pooled by mice::pool.scalar: weights of a logistic
# score (overlap, ATE), all of them taken as fixed.   Rscript nhefs_pooled.R   in this folder writes nhefs_pooled.json
library(survival); library(jsonlite)
z <- qnorm(0.975)
raw <- read.csv(gzfile("nhefs.csv.gz")); known <- fromJSON("nhefs_imputed.json")
names8 <- c("sex", "race", "age", "wt71", "smokeintensity", "income", "sbp", "cholesterol")
at <- 60; tau <- 100
tight <- suppressWarnings(coxph.control(eps = 1e-13, iter.max = 200))
cox <- function(formula, d, ...) do.call(coxph, list(formula, d, ties = "efron", control = tight, ...))
of_curve <- function(g) {  # survival at `at`, mean to `tau`, and what each patient moves them by
  f <- do.call(survfit, list(Surv(time, death) ~ 1, g, weights = g$w))
  steps <- c(0, f$time[f$time < tau], tau)
  list(s = summary(f, times = at)$surv, m = sum(c(1, f$surv)[seq_len(length(steps) - 1)] * diff(steps)),
       ds = g$w * drop(residuals(f, times = at, type = "survival")), dm = g$w * drop(residuals(f, times = tau, type = "rmst")))
}
contrast <- function(a, b, da, db) c(a - b, sum(da^2) + sum(db^2))
ratio <- function(a, b, da, db) c(log(a / b), sum((da / a)^2) + sum((db / b)^2))
estimates <- function(d) {
  g1 <- d[d$qsmk == 1, ]; g0 <- d[d$qsmk == 0, ]; c1 <- of_curve(g1); c0 <- of_curve(g0)
  adjusted <- cox(reformulate(c("qsmk", names8), "Surv(time, death)"), d, weights = d$w, cluster = d$id)
  p1 <- weighted.mean(g1$death, g1$w); p0 <- weighted.mean(g0$death, g0$w)
  d1 <- g1$w * (g1$death - p1) / sum(g1$w); d0 <- g0$w * (g0$death - p0) / sum(g0$w)
  odds <- function(p) p / (1 - p)
  list(cox_adjusted.hr = c(coef(adjusted)[[1]], vcov(adjusted)[1, 1]),
       rmst.difference = contrast(c1$m, c0$m, c1$dm, c0$dm), rmst.ratio = ratio(c1$m, c0$m, c1$dm, c0$dm),
       survival_difference.difference = contrast(c1$s, c0$s, c1$ds, c0$ds),
       risk.difference = contrast(p1, p0, d1, d0), risk.ratio = ratio(p1, p0, d1, d0),
       risk.odds_ratio = ratio(odds(p1), odds(p0), d1 / (1 - p1)^2, d0 / (1 - p0)^2))
}
doubly_robust <- function(d, e) {  # augmented weighting of pseudo-values at `at`, a linear model in each arm, ATE
  v <- numeric(nrow(d))
  for (a in 0:1) { own <- d$qsmk == a; f <- do.call(survfit, list(Surv(time, death) ~ 1, d[own, ]))
    v[own] <- summary(f, times = at)$surv + sum(own) * drop(residuals(f, times = at, type = "survival")) }
  guess <- lapply(1:0, function(a) predict(lm(reformulate(names8, "v"), cbind(d, v)[d$qsmk == a, ]), d))
  u1 <- guess[[1]] + d$qsmk * (v - guess[[1]]) / e; u0 <- guess[[2]] + (1 - d$qsmk) * (v - guess[[2]]) / (1 - e)
  c(mean(u1 - u0), sum((u1 - u0 - mean(u1 - u0))^2) / nrow(d)^2)
}
predictors <- function(d) {
  one <- cox(Surv(time, death) ~ income, d); many <- cox(Surv(time, death) ~ qsmk + age + income, d)
  list(cox_univariable.income = c(coef(one)[[1]], vcov(one)[1, 1]), cox_multivariable.treatment = c(coef(many)[[1]], vcov(many)[1, 1]),
       cox_multivariable.age = c(coef(many)[[2]], vcov(many)[2, 2]), cox_multivariable.income = c(coef(many)[[3]], vcov(many)[3, 3]))
}
found <- lapply(1:5, function(k) {
  d <- raw; d$id <- seq_len(nrow(d))
  for (v in names(known$imputed)) d[[v]][is.na(d[[v]])] <- known$imputed[[v]][k, ]
  e <- fitted(glm(reformulate(names8, "qsmk"), binomial, d, epsilon = 1e-14, maxit = 100))
  weigh <- function(w) { d$w <- w; d }
  list(overlap = estimates(weigh(ifelse(d$qsmk == 1, 1 - e, e))),
       ate = c(estimates(weigh(ifelse(d$qsmk == 1, 1 / e, 1 / (1 - e)))), list(doubly_robust.difference = doubly_robust(d, e))),
       unadjusted = predictors(d))
})
pooled <- lapply(names(found[[1]]), function(design) lapply(setNames(nm = names(found[[1]][[design]])), function(what) {
  x <- sapply(found, function(f) f[[design]][[what]]); p <- mice::pool.scalar(x[1, ], x[2, ], n = Inf)
  reach <- qt(0.975, p$df) * sqrt(p$t)
  list(estimate = p$qbar, low = p$qbar - reach, high = p$qbar + reach, p = 2 * pt(-abs(p$qbar) / sqrt(p$t), p$df), fmi = p$fmi)
}))
names(pooled) <- names(found[[1]])
made_by <- list(R = R.version.string, survival = as.character(packageVersion("survival")), mice = as.character(packageVersion("mice")))
writeLines(toJSON(list(made_by = made_by, landmark = at, horizon = tau, pooled = pooled), auto_unbox = TRUE, digits = 17, pretty = 1), "nhefs_pooled.json")
