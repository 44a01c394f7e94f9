# Share of patients with an observed event: Weibull times, follow-up even between two limits, constant loss; by integrate().
source("common.R")
share <- function(median, shortest, longest, rate, shape) {
  scale <- median / log(2)^(1 / shape)
  f <- function(t) dweibull(t, shape, scale) * exp(-rate * t) * pmin(1, (longest - t) / (longest - shortest))
  integrate(f, 0, shortest, rel.tol = 1e-12, subdivisions = 1000)$value + integrate(f, shortest, longest, rel.tol = 1e-12, subdivisions = 1000)$value
}
given <- list(c(12, 6, 30, 0, 1), c(12, 6, 30, 0.01, 1.5), c(30, 3, 20, 0.005, 0.7), c(2, 10, 40, 0.02, 1))
save_json(list(given = given, share = sapply(given, function(g) do.call(share, as.list(g)))), "observed_share", "stats")
