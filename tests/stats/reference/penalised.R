# Natural splines, and ridge and LASSO paths of treatment on all covariates of the synthetic cohort with their squares and products.
source("common.R"); suppressPackageStartupMessages({library(splines); library(glmnet)})
C <- cohort(); X <- covariates(C); x <- C$x1; keep <- seq(1, 1000, 50)
spline <- function(b) list(knots = as.numeric(attr(b, "knots")), boundary = attr(b, "Boundary.knots"), basis = unclass(b)[keep, , drop = FALSE])
out <- c(20, 40.5, 63, 95, 120); b4 <- ns(x, df = 4)
sp <- list(df4 = spline(b4), df1 = spline(ns(x, df = 1)), df3 = spline(ns(C$x5, df = 3)), named = spline(ns(x, knots = c(55, 60, 72), Boundary.knots = c(45, 80))), elsewhere = list(x = out, basis = unclass(predict(b4, out))[, ]))
two <- which(upper.tri(diag(10)), arr.ind = TRUE); two <- two[order(two[, 1], two[, 2]), ]; cont <- which(!apply(X, 2, function(v) all(v %in% 0:1)))
Z <- cbind(X, X[, cont]^2, apply(two, 1, function(k) X[, k[1]] * X[, k[2]])); colnames(Z) <- NULL
fold <- (seq_len(1000) * 7) %% 10 + 1; glmnet.control(fdev = 0, devmax = 1)
go <- function(alpha, lambda) { g <- glmnet(Z, C$treat, family = "binomial", alpha = alpha, lambda = lambda, thresh = 1e-20, maxit = 1e7); v <- cv.glmnet(Z, C$treat, family = "binomial", alpha = alpha, lambda = lambda, foldid = fold, thresh = 1e-18, maxit = 1e7)
  list(lambda = lambda, coef = t(as.matrix(coef(g))), cvm = v$cvm, cvsd = v$cvsd, min = v$lambda.min, se1 = v$lambda.1se) }
first <- glmnet(Z, C$treat, family = "binomial")$lambda[1]
save_json(list(spline = sp, columns = dim(Z), lasso_first = first, lasso = go(1, first * 10^seq(0, -3, length.out = 13)), ridge = go(0, 10^seq(1, -3, length.out = 9))), "penalised", c("splines", "glmnet"))
