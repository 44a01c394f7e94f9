# Rscript logistic.R, in this folder
source("common.R")
control <- glm.control(epsilon = 1e-15, maxit = 60)
# glm's covariance belongs to the iteration before the last; a fit that starts at the estimate has its own.
one <- function(f) { call <- f$call; call$start <- coef(f); f <- suppressWarnings(eval(call, environment(formula(f)))); list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f)))), loglik = as.numeric(-f$deviance / 2), null = -f$null.deviance / 2, fitted = unname(fitted(f)), covariance = unname(vcov(f))) }
out <- lapply(setNames(nm = names_all), function(name) {
  d <- data_set(name); d$X <- covariates(d)
  list(plain = one(glm(event ~ X, binomial, d, control = control)), frequency = one(glm(event ~ X, binomial, d, weights = frequency, control = control)),
    weight = one(suppressWarnings(glm(event ~ X, quasibinomial, d, weights = weight, control = control)))[c("coef", "loglik", "fitted")])
})
d <- data_set("lung"); d$twice <- 2 * d$x1 - d$x2; d$one <- 1
a <- glm(event ~ x1 + x2 + twice + one + x3, binomial, d, control = glm.control(epsilon = 1e-11))
out$alias <- list(coef = unname(coef(a)), loglik = -a$deviance / 2)
y <- c(0, 0, 0, 0, 1, 0, 1, 1, 1, 1); x <- c(0, 0, 0, 0, 1, 0, 1, 1, 1, 1); z <- 1:10 %% 3
s <- suppressWarnings(glm(y ~ x + z, binomial, control = glm.control(epsilon = 1e-15, maxit = 25)))
out$separated <- list(loglik = -s$deviance / 2)
suppressPackageStartupMessages(library(brglm2))
firth <- function(formula, d, ...) { f <- glm(formula, binomial, d, method = "brglmFit", control = brglmControl(type = "AS_mean", epsilon = 1e-13, maxit = 2000), ...); list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f))))) }
out$firth <- lapply(setNames(nm = c("lung", "aml", "veteran", "ovarian", "pbc")), function(n) { d <- data_set(n); d$X <- covariates(d); firth(event ~ X, d) })
out$firth$separated <- firth(y ~ x + z, data.frame(y, x, z))
save_json(out, "logistic", c("stats", "brglm2"))
