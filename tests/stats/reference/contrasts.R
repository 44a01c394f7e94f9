# Two arms of the synthetic cohort: survival and restricted mean differences from survfit's influence (weighted, clustered on the pairs of
# MatchIt 4.7.2 in cohort_1000.json), marginal effects of death by day 365 by glm and sandwich, pseudo-values, augmented weighting and Cox
# standardisation by their formulas.
source("common.R"); suppressPackageStartupMessages(library(sandwich))
C <- cohort(); n <- nrow(C); X <- covariates(C); at <- c(180, 365, 730, 1095); tau <- 1095
p <- unname(fitted(glm(treat ~ ., binomial(), data.frame(treat = C$treat, X), control = glm.control(epsilon = 1e-14, maxit = 100))))
m <- fromJSON("cohort_1000.json")$results$match_1to1_largest; pairs <- rbind(data.frame(row = m$treated_id, pair = seq_along(m$treated_id)), data.frame(row = m$control_id, pair = seq_along(m$control_id)))
curve <- function(d, w, cl) { f <- survfit(Surv(time, event) ~ 1, d, weights = w, cluster = cl, robust = TRUE, influence = 1); i <- f$influence.surv; if (is.list(i)) i <- i[[1]]; t <- f$time; s <- f$surv
  list(cl = sort(unique(cl)), S = c(1, s), I = cbind(0, i), t = c(0, t), se = f$std.err) }
value <- function(k, x) sapply(at, function(z) x[max(which(k$t <= z))]); values <- function(k, I) sapply(at, function(z) I[, max(which(k$t <= z))])
area <- function(k) { u <- k$t[k$t < tau]; g <- diff(c(u, tau)); list(mean = sum(k$S[seq_along(u)] * g), I = drop(k$I[, seq_along(u), drop = FALSE] %*% g)) }
spread <- function(I, cl) sqrt(colSums(rowsum(as.matrix(I), cl)^2))
contrast <- function(d, w, cl) { k <- lapply(1:0, function(a) curve(d[d$treat == a, ], w[d$treat == a], cl[d$treat == a])); S <- lapply(k, function(z) value(z, z$S)); I <- lapply(k, function(z) values(z, z$I)); A <- lapply(k, area); id <- c(k[[1]]$cl, k[[2]]$cl)
  list(treated = S[[1]], control = S[[2]], se_treated = spread(I[[1]], k[[1]]$cl), se_control = spread(I[[2]], k[[2]]$cl), se = spread(rbind(I[[1]], -I[[2]]), id),
    mean_treated = A[[1]]$mean, mean_control = A[[2]]$mean, mean_se = spread(c(A[[1]]$I, -A[[2]]$I), id), mean_log_se = spread(c(A[[1]]$I / A[[1]]$mean, -A[[2]]$I / A[[2]]$mean), id)) }
one <- rep(1, n); ate <- ifelse(C$treat == 1, 1 / p, 1 / (1 - p)); M <- C[pairs$row, ]
samples <- list(unadjusted = list(C, one, seq_len(n)), ate = list(C, ate, seq_len(n)), matched = list(M, rep(1, nrow(M)), pairs$pair))
y <- as.numeric(C$event == 1 & C$time <= 365); tight <- glm.control(epsilon = 1e-14, maxit = 100)
effects <- function(rows, w, cl) { d <- data.frame(y = y[rows], a = C$treat[rows], w = w); go <- function(f) { g <- suppressWarnings(glm(y ~ a, f, d, weights = w, control = tight, start = if (f$link == "log") c(log(mean(d$y)), 0) else NULL)); c(coef(g)[[2]], sqrt(vcovHC(g, "HC0")[2, 2]), sqrt(vcovCL(g, cl, type = "HC0", cadjust = FALSE)[2, 2])) }
  list(difference = go(gaussian()), log_ratio = go(quasipoisson()), log_odds = go(quasibinomial())) }
f <- survfit(Surv(time, event) ~ 1, C); fa <- survfit(Surv(time, event) ~ treat, C)
ps <- as.matrix(pseudo(f, times = at, type = "survival")); pm <- drop(pseudo(f, times = tau, type = "rmst")); keep <- seq(1, n, 40)
aipw <- function(y, model, target) { fit <- function(a) { d <- data.frame(y = y, X); predict(if (model == "linear") lm(y ~ ., d[C$treat == a, ]) else glm(y ~ ., binomial(), d[C$treat == a, ], control = tight), d, type = "response") }; m1 <- fit(1); m0 <- fit(0); A <- C$treat
  if (target == "ate") { u1 <- m1 + A * (y - m1) / p; u0 <- m0 + (1 - A) * (y - m0) / (1 - p); i <- cbind(u1 - mean(u1), u0 - mean(u0)) / n; mu <- c(mean(u1), mean(u0)) } else { n1 <- sum(A); u0 <- A * m0 + (1 - A) * p / (1 - p) * (y - m0); mu <- c(sum(A * y), sum(u0)) / n1; i <- cbind(A * (y - mu[1]), u0 - A * mu[2]) / n1 }
  list(means = mu, se = sqrt(sum((i[, 1] - i[, 2])^2)), log_ratio_se = sqrt(sum((i[, 1] / mu[1] - i[, 2] / mu[2])^2))) }
ctl <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50); d <- data.frame(time = C$time, event = C$event, a = C$treat, X[, 1:9])
average <- function(g, z, w) { s <- survfit(g, newdata = z, se.fit = FALSE); sapply(at, function(t) weighted.mean(s$surv[max(which(s$time <= t)), ], w)) }
whole <- coxph(Surv(time, event) ~ ., d, control = ctl); weighted <- coxph(Surv(time, event) ~ ., d, weights = ate, control = ctl); set <- function(a) { z <- d; z$a <- a; z }
arm <- lapply(1:0, function(a) coxph(Surv(time, event) ~ . - a, d[d$a == a, ], control = ctl))
pooled <- function(w, changing, cols) { width <- 73; K <- 15; B <- splines::ns(1:K, df = 4); L <- do.call(rbind, lapply(seq_len(n), function(i) { last <- if (C$event[i]) max(ceiling(C$time[i] / width), 1) else floor(C$time[i] / width); if (!last) return(NULL); k <- seq_len(min(last, K)); data.frame(i = i, k = k, y = as.numeric(C$event[i] == 1 & k == last)) }))
  make <- function(i, k, a) { Z <- cbind(B[k, ], a, if (changing) B[k, ] * a, X[i, cols]); colnames(Z) <- paste0("z", seq_len(ncol(Z))); data.frame(Z) }
  g <- suppressWarnings(glm(y ~ ., quasibinomial(), cbind(make(L$i, L$k, C$treat[L$i]), y = L$y), weights = w[L$i], control = tight))
  sapply(1:0, function(a) { S <- t(sapply(seq_len(n), function(i) cumprod(1 - predict(g, make(rep(i, K), 1:K, a), type = "response")))); apply(S, 2, weighted.mean, w) })[c(5, 10, 15), ] }
save_json(list(pooled = list(plain = pooled(one, TRUE, 1:5), proportional = pooled(one, FALSE, 1:5), weighted = pooled(ate, TRUE, integer())), contrasts = lapply(samples, function(s) contrast(s[[1]], s[[2]], s[[3]])), rows = pairs$row, pair = pairs$pair,
  effects = list(unadjusted = effects(seq_len(n), one, seq_len(n)), ate = effects(seq_len(n), ate, seq_len(n)), matched = effects(pairs$row, rep(1, nrow(pairs)), pairs$pair)),
  pseudo = list(survival = ps[keep, ], mean = pm[keep], by_arm_mean = drop(pseudo(fa, times = tau, type = "rmst"))[keep]),
  aipw = list(death_linear = aipw(y, "linear", "ate"), death_logistic = aipw(y, "logistic", "ate"), death_att = aipw(y, "logistic", "att"), mean = aipw(drop(pseudo(fa, times = tau, type = "rmst")), "linear", "ate")),
  standardised = list(one_model = sapply(1:0, function(a) average(whole, set(a), one)), treated_population = sapply(1:0, function(a) average(whole, set(a), C$treat)), weighted = sapply(1:0, function(a) average(weighted, set(a), ate)), by_arm = sapply(1:2, function(k) average(arm[[k]], d, one)))),
  "contrasts", c("survival", "sandwich"))
