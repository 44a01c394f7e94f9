# Rscript cox_firth.R, in this folder
# What follows from a Cox model fitted by Firth's penalised likelihood: R's own functions at the penalised estimate, which is found
# here by maximising the penalised likelihood as it is written (Heinze G, Schemper M. Biometrics 2001;57:114-119).
source("common.R")
out <- list()
for (n in c("lung", "veteran")) for (ties in c("efron", "breslow")) {
  d <- data_set(n); X <- covariates(d)
  at <- function(b) coxph(Surv(time, event) ~ X, d, ties = ties, init = b, control = coxph.control(iter.max = 0), x = TRUE)
  penalised <- function(b) { f <- at(b); f$loglik[2] - 0.5 * determinant(f$var)$modulus[1] }
  slope <- function(b) sapply(seq_along(b), function(j) { h <- replace(0 * b, j, 1e-4 * sqrt(at(b)$var[j, j])); (8 * (penalised(b + h) - penalised(b - h)) - (penalised(b + 2 * h) - penalised(b - 2 * h))) / (12 * h[j]) })
  b <- coef(coxph(Surv(time, event) ~ X, d, ties = ties)); for (i in 1:30) b <- b + c(at(b)$var %*% slope(b))
  f <- at(b); curve <- survfit(f, newdata = list(X = X[1, , drop = FALSE]), conf.type = "log")
  seen <- summary(curve, times = quantile(d$time[d$event == 1], c(0.25, 0.5, 0.75), type = 1))
  i <- unique(round(seq(1, f$n, length.out = 30)))
  out[[n]][[ties]] <- list(coef = unname(b), row = i, martingale = unname(residuals(f, "martingale"))[i],
    dfbeta = unname(residuals(f, "dfbeta"))[i, ], score = unname(residuals(f, "score"))[i, ], schoenfeld = unname(colSums(abs(as.matrix(residuals(f, "schoenfeld"))))),
    at = list(time = seen$time, survival = c(seen$surv), std_err = c(seen$std.err)))
}
save_json(out, "cox_firth")
