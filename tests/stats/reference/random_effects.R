# Values for test_random_effects.py: metafor's rma with test = "knha".
library(metafor)
cases <- list(mixed = list(y = log(c(0.45, 0.83, 0.61, 1.10, 0.72)), v = c(0.32, 0.21, 0.15, 0.25, 0.18)^2),
              alike = list(y = log(c(0.80, 0.82, 0.79)), v = c(0.2, 0.3, 0.25)^2))
for (n in names(cases)) for (m in c("REML", "DL")) {
  f <- rma(cases[[n]]$y, cases[[n]]$v, method = m, test = "knha", control = list(threshold = 1e-14, maxiter = 10000))
  p <- predict(f)
  cat(n, tolower(m), sprintf("%.12g", c(f$beta, f$se, f$ci.lb, f$ci.ub, f$pval, p$pi.lb, p$pi.ub, f$tau2, f$I2 / 100, f$QE, f$QEp)), "\n", sep = ",")
}
