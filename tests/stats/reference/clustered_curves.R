# Weighted Kaplan-Meier curves of the synthetic cohort with rows in clusters, across strata of x9 and x6, and in pairs of unequal weights.
source("common.R"); C <- cohort(); n <- nrow(C); at <- c(90, 180, 365, 730, 1095)
w <- 0.5 + (seq_len(n) * 37 %% 101) / 101; sub <- C$x9 * 2 + C$x6; twos <- (seq_len(n) + 1) %/% 2; mixed <- (seq_len(n) * 17) %% 211
go <- function(w, cl) { s <- survfit(Surv(time, event) ~ 1, C, weights = w, cluster = cl, robust = TRUE); x <- summary(s, times = at); q <- quantile(s, .5); list(std_err = x$std.err, low = x$lower, high = x$upper, median = unname(c(q$quantile, q$lower, q$upper))) }
save_json(list(times = at, weight = w[1:5], subclass = go(w, sub), twos = go(w, twos), mixed = go(rep(1, n), mixed)), "clustered_curves")
