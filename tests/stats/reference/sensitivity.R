# Rosenbaum bounds by their formulas on made differences (rbounds 2.2's psens gives the same on lalonde's pairs: lalonde_pairs.json), and E-values.
# binarysens of rbounds is no target: it takes P(X > larger count), so that at gamma 1 it is not McNemar's exact test.
source("common.R")
upper <- function(q, W, g) pnorm((W - g / (1 + g) * sum(q)) / sqrt(g / (1 + g)^2 * sum(q^2)), lower.tail = FALSE)
signed <- function(d, gamma) { z <- d[d != 0]; if (sum(z) < 0) z <- -z; q <- rank(abs(z)); W <- sum(q[z > 0])
  list(V = W, pairs = length(z), gamma = gamma, p_upper = sapply(gamma, upper, q = q, W = W), p_lower = sapply(1 / gamma, upper, q = q, W = W), wilcoxon = wilcox.test(z, alternative = "greater", exact = FALSE, correct = FALSE)$p.value,
    tipping = if (upper(q, W, 1) <= .05) uniroot(function(g) upper(q, W, g) - .05, c(1, 50), tol = 1e-13)$root else NA) }
binary <- function(a, b, gamma) { f <- function(g) pbinom(max(a, b) - 1, a + b, g / (1 + g), lower.tail = FALSE); list(counts = c(a, b), gamma = gamma, p_upper = sapply(gamma, f), p_lower = sapply(1 / gamma, f), binom_test = binom.test(max(a, b), a + b, alternative = "greater")$p.value, tipping = if (f(1) <= .05) uniroot(function(g) f(g) - .05, c(1, 50), tol = 1e-13)$root else NA) }
made <- round(sin(1:60) * 3 + .8, 1); gamma <- c(1, 1.05, 1.1, 1.25, 1.5, 2, 3)
evalue <- function(x) { r <- pmax(x, 1 / x); r + sqrt(r * (r - 1)) }; x <- c(.2, .5, .8, .95, 1, 1.05, 1.2, 1.5, 2, 3.9, 10); d <- c(-1, -.5, 0, .2, .5, 1)
save_json(list(made = made, signed_rank = signed(made, gamma), below_zero = signed(-made - .01, gamma), binary = list(binary(31, 22, gamma), binary(9, 30, gamma)),
  e_values = list(estimate = x, rare = evalue(x), hazard_common = evalue((1 - .5^sqrt(x)) / (1 - .5^sqrt(1 / x))), odds_common = evalue(sqrt(x)), d = d, of_d = evalue(exp(.91 * d)))), "sensitivity")
