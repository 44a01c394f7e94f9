# Balance of the synthetic cohort and of lalonde (folder of the third-party data: first argument), by the definitions of cobalt 4.5.1,
# which gives the same on lalonde to 1e-13: SD of the unadjusted sample, variances for reliability weights, distance of the weighted
# distribution functions, complement of the overlap of densities (R before 4.4, see ?density, old.coords).
source("common.R"); given <- commandArgs(TRUE)[1]
of <- function(X, t, W) {
  binary <- apply(X, 2, function(x) all(x %in% 0:1)); V <- function(x, w, b) { w <- w / sum(w); m <- sum(w * x); if (b) m * (1 - m) else sum(w * (x - m)^2) / (1 - sum(w^2)) }
  n1 <- sum(t); n0 <- sum(1 - t); one <- rep(1, length(t))
  scale <- function(x, b, w) { v1 <- V(x[t == 1], one[t == 1], b); v0 <- V(x[t == 0], one[t == 0], b)
    sqrt(c(pooled = (v1 + v0) / 2, treated = v1, control = v0, all = V(x, one, b), hedges = ((n1 - 1) * v1 + (n0 - 1) * v0) / (n1 + n0 - 2) / (1 - 3 / (4 * (n1 + n0) - 9))^2, weighted = V(x, w, b))) }
  ks <- function(x, w) { u <- sort(unique(x)); F <- function(a) sapply(u, function(z) sum(w[t == a & x <= z])) / sum(w[t == a]); max(abs(F(1) - F(0))) }
  ovl <- function(x, w, b) { if (b) return(abs(weighted.mean(x[t == 1], w[t == 1]) - weighted.mean(x[t == 0], w[t == 0]))); x <- (x - mean(x)) / sd(x); h <- bw.nrd(x[t == (n1 <= n0)])
    f <- lapply(1:0, function(a) { d <- density(x[t == a], bw = h, weights = w[t == a] / sum(w[t == a])); g <- approxfun(d); function(z) { v <- g(z); v[is.na(v)] <- 0; v } })
    z <- seq(min(x) - 4 * h, max(x) + 4 * h, length.out = 1001); m <- (z[-1] + z[-1001]) / 2; 1 - sum(pmin(f[[1]](m), f[[2]](m))) * (z[2] - z[1]) }
  lapply(W, function(w) list(mean_treated = apply(X[t == 1, ], 2, weighted.mean, w[t == 1]), mean_control = apply(X[t == 0, ], 2, weighted.mean, w[t == 0]),
    variance_ratio = sapply(seq_len(ncol(X)), function(j) if (binary[j]) NA else V(X[t == 1, j], w[t == 1], FALSE) / V(X[t == 0, j], w[t == 0], FALSE)),
    ks = apply(X, 2, ks, w), one_less_overlap = sapply(seq_len(ncol(X)), function(j) ovl(X[, j], w, binary[j])), scale = sapply(seq_len(ncol(X)), function(j) scale(X[, j], binary[j], w)))) }
both <- function(X, t) { p <- unname(fitted(glm(t ~ X, family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100)))); colnames(X) <- NULL
  of(X, t, list(unadjusted = rep(1, length(t)), ATE = t / p + (1 - t) / (1 - p), ATO = t * (1 - p) + (1 - t) * p, inside = as.numeric(p > .2 & p < .8))) }
C <- cohort(); L <- read.csv(file.path(given, "matching", "lalonde_matchit.csv"))
XL <- cbind(L$race == "hispan", L$race == "white", L$age, L$educ, L$married, L$nodegree, L$re74, L$re75) + 0
product <- function(j, k, X, t) { x <- X[, j] * X[, k]; (mean(x[t == 1]) - mean(x[t == 0])) / sqrt((var(x[t == 1]) + var(x[t == 0])) / 2) }
save_json(list(cohort = both(covariates(C), C$treat), lalonde = both(XL, L$treat), lalonde_age_times_educ = product(3, 4, XL, L$treat)), "design_balance")
