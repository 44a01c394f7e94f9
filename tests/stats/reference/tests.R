# Rscript tests.R, in this folder: tables, two samples, proportions, quantiles
source("common.R")
quiet <- suppressWarnings
# Every 2 x 2 table with row margins m, n <= 12: P of fisher.test, chisq.test without and with Yates, in the order
# m = 1..12, n = 1..m, a = 0..m, c = 0..n. As strings of 12 digits they stay small.
grid <- list(fisher = c(), pearson = c(), yates = c())
for (m in 1:12) for (n in 1:m) for (a in 0:m) for (c in 0:n) {
  x <- matrix(c(a, c, m - a, n - c), 2)
  grid$fisher <- c(grid$fisher, fisher.test(x, conf.int = FALSE)$p.value)
  grid$pearson <- c(grid$pearson, quiet(chisq.test(x, correct = FALSE)$p.value))
  grid$yates <- c(grid$yates, quiet(chisq.test(x)$p.value))
}
tables <- list(list(c(3, 1, 2), c(2, 5, 6), c(1, 8, 4)), list(c(10, 5, 8, 2), c(4, 12, 9, 6), c(3, 3, 15, 11)), list(c(0, 4), c(3, 2), c(5, 0), c(1, 1)),
  list(c(1, 0, 0, 2), c(0, 3, 0, 0)), list(c(2, 0, 3), c(4, 0, 1)), list(c(24, 12), c(8, 28)), list(c(12, 30, 7), c(20, 15, 14)), list(c(1, 1, 1, 1), c(1, 1, 1, 1), c(1, 1, 1, 1), c(2, 0, 3, 0)),
  list(c(30, 25, 18), c(24, 32, 19), c(23, 13, 35)))
rxc <- lapply(tables, function(t) { x <- do.call(rbind, t); list(table = x, fisher = fisher.test(x, workspace = 2e7)$p.value, chi2 = unname(quiet(chisq.test(x, correct = FALSE))$statistic),
  p = quiet(chisq.test(x, correct = FALSE))$p.value, expected = quiet(chisq.test(x))$expected) })
mc <- lapply(list(c(10, 3), c(5, 5), c(0, 4), c(25, 40), c(1, 0)), function(k) { x <- matrix(c(7, k[1], k[2], 9), 2)
  list(b = k[1], c = k[2], plain = mcnemar.test(x, correct = FALSE)$p.value, corrected = mcnemar.test(x)$p.value, exact = binom.test(k[1], sum(k))$p.value) })
samples <- list(
  small = list(x = c(1.1, 2.3, 0.7, 4.5, 3.2, 5.9), y = c(2.2, 6.1, 7.4, 5.5, 8.8, 9.1)), ties = list(x = c(1, 2, 2, 3, 5, 5, 8), y = c(2, 3, 3, 5, 9, 9, 9)),
  lung = with(lung, list(x = age[sex == 1], y = age[sex == 2])), uneven = list(x = c(12.5, 3.3), y = c(1, 4.4, 2.7, 9.1, 3.9, 10.2, 0.2, 5.1)),
  large = list(x = round(qnorm((1:60 - .5) / 60), 6), y = round(qnorm((1:55 - .3) / 55, .4, 1.3), 6) + 1e-7), same = list(x = c(1, 2, 3, 4), y = c(1, 2, 3, 4)))
two <- lapply(samples, function(s) with(s, list(x = x, y = y, welch = unlist(t.test(x, y)[c("statistic", "parameter", "p.value")]), pooled = unlist(t.test(x, y, var.equal = TRUE)[c("statistic", "parameter", "p.value")]),
  mw = quiet(unlist(wilcox.test(x, y)[c("statistic", "p.value")])), mw_plain = quiet(unlist(wilcox.test(x, y, exact = FALSE, correct = FALSE)[c("statistic", "p.value")])),
  mw_corrected = quiet(unlist(wilcox.test(x, y, exact = FALSE)[c("statistic", "p.value")])), kruskal = unlist(kruskal.test(list(x, y))[c("statistic", "p.value")]))))
pairs <- list(distinct = list(x = c(8.1, 4.2, 6.6, 5.0, 7.7, 3.1), y = c(6.0, 4.9, 3.1, 5.3, 2.2, 2.0)), ties_zeros = list(x = c(1, 2, 3, 4, 5, 6, 7), y = c(1, 3, 1, 6, 2, 6, 10)),
  long = list(x = round(qnorm((1:60 - .5) / 60), 6), y = round(rev(qnorm((1:60 - .31) / 60, .2, 1.1)), 6)))
paired <- lapply(pairs, function(s) with(s, list(x = x, y = y, t = unlist(t.test(x, y, paired = TRUE)[c("statistic", "parameter", "p.value")]),
  default = quiet(unlist(wilcox.test(x, y, paired = TRUE)[c("statistic", "p.value")])), plain = quiet(unlist(wilcox.test(x, y, paired = TRUE, exact = FALSE, correct = FALSE)[c("statistic", "p.value")])))))
three <- list(c(2.9, 3, 2.5, 2.6, 3.2), c(3.8, 2.7, 4, 2.4), c(2.8, 3.4, 3.7, 2.2, 2)); four <- list(c(1, 1, 2), c(2, 2, 3), c(3, 3, 3), c(1, 4))
kw <- lapply(list(three, four), function(g) list(groups = g, result = unlist(kruskal.test(g)[c("statistic", "parameter", "p.value")])))
prop <- list(); for (n in c(1, 2, 7, 40, 126)) for (x in unique(c(0, 1, n %/% 3, n - 1, n))) prop <- c(prop, list(list(x = x, n = n, cp = unname(binom.test(x, n)$conf.int[1:2]), cp90 = unname(binom.test(x, n, conf.level = .9)$conf.int[1:2]),
  wilson = quiet(unname(prop.test(x, n, correct = FALSE)$conf.int[1:2])))))
probs <- c(0, .01, .1, .25, 1 / 3, .5, .6, .75, .9, .99, 1)
vectors <- list(c(1, 2, 2, 3, 4, 5, 6, 6, 9, 12), c(3.5), c(2, 1), lung$age, round(qnorm((1:37 - .5) / 37), 5))
quant <- lapply(vectors, function(v) list(x = v, q = lapply(1:9, function(k) unname(quantile(v, probs, type = k)))))
save_json(list(grid = lapply(grid, function(p) signif(p, 13)), rxc = rxc, mcnemar = mc, two = two, paired = paired, kruskal = kw, proportions = prop, probs = probs, quantiles = quant), "tests", "stats")
