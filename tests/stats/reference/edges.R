# Rscript edges.R, in this folder: large exact tables, degenerate covariances, one value, no event, curves that reach 0 (writes edges.json; base R and survival only)
suppressPackageStartupMessages(library(survival))
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.data.frame(x)) x <- as.list(x)
  if (is.list(x)) {
    parts <- vapply(unname(x), json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ","), "]"))
    return(paste0("{", paste0("\"", names(x), "\":", parts, collapse = ","), "}"))
  }
  if (is.matrix(x)) return(json(unname(lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ]))))))
  one <- ifelse(is.na(x), "null", if (is.character(x)) paste0("\"", x, "\"") else ifelse(x == Inf, "Infinity", sprintf("%.17g", as.numeric(x))))
  if (length(x) == 1 && !inherits(x, "AsIs")) one else paste0("[", paste(one, collapse = ","), "]")
}
two <- function(a, b) rbind(a, b, deparse.level = 0)
large <- lapply(list(two(c(713, 500, 257, 2081), c(452, 393, 194, 1145)), two(c(901, 640, 122), c(777, 700, 160)), two(c(1500, 420), c(1400, 520)), rbind(c(60, 40, 22), c(41, 52, 30), c(38, 44, 51), deparse.level = 0)),
  function(t) list(table = t, p = fisher.test(t, workspace = 2e9)$p.value))
millions <- { a <- 2000000; b <- 1001000; c <- 1000000; d <- 500000; x <- 0:(b + d); p <- dhyper(x, b + d, a + c, a + b, log = TRUE); sum(exp(p[p <= p[b + 1] + 1e-7])) }
homogeneity <- lapply(list(rbind(c(20, 10, 5), c(3, 30, 15), c(0, 5, 40)), rbind(c(7, 2, 1, 0), c(4, 9, 3, 2), c(1, 6, 8, 1), c(0, 2, 5, 11))), function(t) {
  t <- unname(t); d <- (rowSums(t) - colSums(t))[-1]; v <- (diag(rowSums(t) + colSums(t)) - t - t(t))[-1, -1]
  chi2 <- drop(d %*% solve(v) %*% d); list(table = t, chi2 = chi2, df = length(d), p = pchisq(chi2, length(d), lower.tail = FALSE))
})
set.seed(20)
nested <- { d <- data.frame(time = round(rexp(90, .05)) + 1, event = rbinom(90, 1, .7), s = rep(0:1, c(45, 45))); d$g <- 2 * d$s + rbinom(90, 1, .5); d$h <- ifelse(d$s == 0, rep(0:2, 15), d$g + 1)
  sums <- function(g) { f <- lapply(0:1, function(s) survdiff(Surv(time, event) ~ used, data.frame(d, used = g)[d$s == s, ])); df <- sum(sapply(f, function(x) length(x$n) - 1)); chi2 <- sum(sapply(f, `[[`, "chisq")); list(chi2 = chi2, df = df, p = pchisq(chi2, df, lower.tail = FALSE)) }
  list(data = d, two_and_two = sums(d$g), three_and_two = sums(d$h)) }
apart <- lapply(list(c(36, 35), c(20, 49), c(48, 49)), function(n) list(n = n, p = 2 * exp(-lchoose(sum(n), n[1]))))
ranks <- { x <- rnorm(30); y <- rnorm(42, 1.6); list(x = x, y = y, p = wilcox.test(x, y, exact = TRUE)$p.value, swapped = wilcox.test(y, x, exact = TRUE)$p.value) }
signs <- { x <- abs(rnorm(45)) + .01; list(x = x, p = wilcox.test(x, exact = TRUE)$p.value) }
rows <- lapply(list(list(t = c(0, 2, 4, 6), c = c(2, 2, 1, 1)), list(t = c(0, 0, 0, 2, 3, 4, 5, 6), c = c(2, 0, 1, 2, 0, 1, 2, 1)), list(t = c(0, 1, 1, 2, 3, 3, 4, 6, 7), c = c(1, 2, 0, 2, 0, 1, 2, 1, 1))), function(x) {
  f <- finegray(Surv(t, factor(c, 0:2)) ~ ., data = data.frame(x, id = seq_along(x$t)), etype = "1"); c(x, list(id = f$id, start = f$fgstart, stop = f$fgstop, status = f$fgstatus, weight = f$fgwt)) })
pooled <- { f <- t.test(5.25, c(1, 2.5, 3, 4.75, 2), var.equal = TRUE); list(t = unname(f$statistic), df = unname(f$parameter), p = f$p.value) }
none <- { f <- poisson.test(c(0, 0), c(14, 33)); list(low = f$conf.int[1], high = f$conf.int[2], p = f$p.value) }
zero <- lapply(c(log = "log", loglog = "log-log", plain = "plain", logit = "logit", arcsin = "arcsin"), function(type) {
  f <- survfit(Surv(c(1, 2, 2, 3, 5, 6), c(1, 1, 0, 1, 1, 1)) ~ 1, weights = c(.3, .7, .2, .45, .6, .25), robust = TRUE, conf.type = type); q <- quantile(f, .5)
  list(survival = f$surv, se = f$std.err, low = f$lower, high = f$upper, median = unname(q$quantile), median_low = unname(q$lower), median_high = unname(q$upper)) })
results <- list(fisher_large = large, fisher_millions = millions, stuart_maxwell = homogeneity, nested = nested, apart = apart, ranks = ranks, signs = signs, finegray = rows, pooled = pooled, no_events = none, zero = zero)
writeLines(json(list(made_by = list(R = R.version.string, survival = as.character(packageVersion("survival"))), results = results)), "edges.json")
