# Multinomial logistic regression of three made arms of the synthetic cohort, nnet's optimum polished by Newton steps on its own Hessian.
source("common.R"); suppressPackageStartupMessages(library(nnet)); C <- cohort(); X <- scale(covariates(C)[, 1:5]); n <- nrow(C)
arm <- ifelse(C$treat == 1, "c", ifelse(C$x6 == 1 & C$x3 > -0.5, "b", "a"))
f <- multinom(arm ~ X, data.frame(arm = factor(arm)), trace = FALSE, reltol = 1e-15, maxit = 5000)
Z <- cbind(1, X); B <- coef(f); Y <- cbind(arm == "b", arm == "c")
P <- function(B) { e <- cbind(1, exp(Z %*% t(B))); e / rowSums(e) }
hessian <- function(p) { q <- ncol(Z); H <- matrix(0, 2 * q, 2 * q); for (a in 1:2) for (b in 1:2) H[(a - 1) * q + 1:q, (b - 1) * q + 1:q] <- crossprod(Z * (p[, a + 1] * ((a == b) - p[, b + 1])), Z); H }
for (i in 1:5) { p <- P(B); B <- B + matrix(solve(hessian(p), as.numeric(t(crossprod(Y - p[, -1], Z)))), 2, byrow = TRUE) }
p <- P(B); se <- matrix(sqrt(diag(solve(hessian(p)))), 2, byrow = TRUE); raw <- covariates(C)[, 1:5]; keep <- seq(1, n, 50)
save_json(list(slopes = sweep(B[, -1], 2, apply(raw, 2, sd), "/"), slope_se = sweep(se[, -1], 2, apply(raw, 2, sd), "/"), loglik = sum(log(p[cbind(1:n, match(arm, c("a", "b", "c")))])), nnet_loglik = as.numeric(logLik(f)), probability = p[keep, ]), "multinomial", "nnet")
