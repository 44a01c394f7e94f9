# Marginal hazard ratios of a conditional one in three groups of patients, by integrate() and uniroot(), and the same from a Cox
# model of a large drawn population in which everybody is seen under both treatments (Austin 2013). R 4.2, survival 3.5.
#   Rscript marginal.R > marginal.json
library(survival)
risk <- c(-1, 0, 1.5); weight <- c(0.5, 0.3, 0.2); median <- 300
hazard <- function(t, shape) log(2) * (t / median)^shape
free <- function(t, effect, shape) sapply(t, function(s) sum(weight * exp(-hazard(s, shape) * exp(risk + effect))))
density <- function(t, effect, shape) sapply(t, function(s) {
  h <- log(2) * shape / median * (s / median)^(shape - 1) * exp(risk + effect)
  sum(weight * h * exp(-hazard(s, shape) * exp(risk + effect)))
})
observed <- function(t, from, to, rate) pmin(1, pmax(0, (to - t) / (to - from))) * exp(-rate * t)
limit <- function(effect, shape, from, to, rate, share) {
  score <- function(theta) {
    f <- function(t) {
      one <- share * density(t, effect, shape); other <- (1 - share) * density(t, 0, shape)
      at1 <- share * free(t, effect, shape) * exp(theta); at0 <- (1 - share) * free(t, 0, shape)
      observed(t, from, to, rate) * (one - at1 / (at1 + at0) * (one + other))
    }
    integrate(f, 0, from, rel.tol = 1e-11, subdivisions = 2000)$value +
      integrate(f, from, to, rel.tol = 1e-11, subdivisions = 2000)$value
  }
  uniroot(score, c(-5, 5), tol = 1e-13)$root
}
cases <- list(
  list(effect = log(0.5), shape = 1, from = 180, to = 900, rate = 0, share = 0.5),
  list(effect = log(2), shape = 1, from = 180, to = 900, rate = 0, share = 0.5),
  list(effect = log(0.5), shape = 1.4, from = 365, to = 1500, rate = 0.0005, share = 0.5),
  list(effect = log(0.7), shape = 0.8, from = 180, to = 900, rate = 0, share = 0.3)
)
limits <- sapply(cases, function(c) do.call(limit, c))
set.seed(20); n <- 1e6
group <- sample(3, n, TRUE, weight); treated <- rep(0:1, each = n)
time <- rexp(2 * n) * median / log(2) / exp(rep(risk[group], 2) + log(0.5) * treated)
until <- runif(2 * n, 180, 900)
fit <- coxph(Surv(pmin(time, until), time <= until) ~ treated)
cat(sprintf('{"limits": [%s],\n "drawn": %.17g, "drawn_se": %.17g, "drawn_events": %.17g}\n',
            paste(sprintf("%.17g", limits), collapse = ", "), coef(fit), sqrt(vcov(fit)[1]), mean((time <= until)[treated == 0])))
