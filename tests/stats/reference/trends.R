# Rscript trends.R, in this folder: trend tests, stratified tables, more intervals, odds ratios
source("common.R")
trend <- lapply(list(list(x = c(83, 90, 129, 70), n = c(86, 93, 136, 82)), list(x = c(1, 4, 9), n = c(12, 15, 14))), function(t) { a <- prop.trend.test(t$x, t$n); b <- prop.trend.test(t$x, t$n, score = seq_along(t$x)^2)
  c(t, list(chi2 = unname(a$statistic), p = a$p.value, chi2_squares = unname(b$statistic))) })
mh <- lapply(list(list(c(24, 12), c(8, 28)), list(c(3, 1, 2), c(2, 5, 6), c(1, 8, 4))), function(t) { x <- do.call(rbind, t); r <- rep(row(x), x); k <- rep(col(x), x); list(table = x, chi2 = (sum(x) - 1) * cor(r, k)^2) })
cmh <- { a <- mantelhaen.test(UCBAdmissions, correct = FALSE); b <- mantelhaen.test(UCBAdmissions); list(tables = aperm(unclass(UCBAdmissions), c(3, 1, 2)), chi2 = unname(a$statistic), p = a$p.value, corrected = unname(b$statistic), or = unname(a$estimate), conf = a$conf.int[1:2]) }
or <- lapply(list(list(c(24, 12), c(8, 28)), list(c(2, 34), c(3, 33)), list(c(0, 5), c(4, 6)), list(c(5, 0), c(2, 4)), list(c(10, 2), c(3, 15))), function(t) { f <- fisher.test(do.call(rbind, t)); list(table = do.call(rbind, t), estimate = f$estimate[[1]], low = f$conf.int[1], high = f$conf.int[2]) })
cc <- list(); for (n in c(1, 7, 40)) for (x in unique(c(0, 1, n %/% 3, n))) cc <- c(cc, list(list(x = x, n = n, conf = suppressWarnings(prop.test(x, n))$conf.int[1:2])))
jeff <- lapply(cc, function(r) c(if (r$x == 0) 0 else qbeta(.025, r$x + .5, r$n - r$x + .5), if (r$x == r$n) 1 else qbeta(.975, r$x + .5, r$n - r$x + .5)))
diff2 <- { f <- prop.test(c(56, 48), c(70, 80), correct = FALSE); f$conf.int[1:2] }
save_json(list(trend = trend, mh = mh, cmh = cmh, or = or, cc = cc, jeffreys = jeff), "trends", "stats")
