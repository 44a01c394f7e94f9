# Weights by every method from the score on, and the hazard ratios of survival 3.5-3 with them: weights_menu.csv -> weights_menu.json.
# Usage: Rscript weights_menu.R, in this folder. The balancing weights by Newton's method on their estimating equations, which have one
# solution; quantiles of weights are of type 3, those of the score of type 7; weights of classes as MatchIt 4.7.2 gives them.
library(survival)
d <- read.csv("weights_menu.csv"); t <- d$newer == 1; n <- nrow(d)
X <- cbind(age = d$age, male = d$male, mid = d$grade == "mid", high = d$grade == "high")
p <- unname(fitted(glm(t ~ X, binomial, control = glm.control(epsilon = 1e-14, maxit = 100))))
newton <- function(b, equations, slope) { for (i in 1:100) { b <- b - solve(slope(b), equations(b)); if (max(abs(equations(b))) < 1e-13) break }; b }
entropy <- function(arm, goal) { Z <- scale(X[arm, ], goal, apply(X, 2, sd)); w <- function(b) { e <- exp(drop(Z %*% b)); e / sum(e) }
  b <- newton(rep(0, ncol(Z)), function(b) colSums(w(b) * Z), function(b) crossprod(Z * w(b), Z) - tcrossprod(colSums(w(b) * Z))); sum(arm) * w(b) }
U <- cbind(1, scale(X)); start <- glm.fit(U, t, family = binomial())$coefficients; q <- function(b) plogis(drop(U %*% b))
cbps_att <- q(newton(start, function(b) colSums(U * (t - q(b)) / (1 - q(b))) / n, function(b) -crossprod(U * ((1 - t) * q(b) / (1 - q(b))), U) / n))
cbps_ate <- q(newton(start, function(b) colSums(U * (t / q(b) - (1 - t) / (1 - q(b)))) / n,
                     function(b) -crossprod(U * (t * (1 - q(b)) / q(b) + (1 - t) * q(b) / (1 - q(b))), U) / n))
ate <- function(p) ifelse(t, 1 / p, 1 / (1 - p)); att <- function(p) ifelse(t, 1, p / (1 - p)); inside <- p >= 0.45 & p <= 0.7
truncated <- function(w, seen, at) ifelse(seen, pmin(w, quantile(w[seen], at, type = 3)), w)
classes <- function(k, among) as.integer(factor(findInterval(p, quantile(p[among], seq(0, 1, length.out = k + 1)[2:k], type = 7))))
shared <- function(class, target) { a <- table(class, t); wanted <- if (target == "ate") rowSums(a) else a[, "TRUE"]; w <- (wanted / a)[cbind(class, t + 1)]
  for (arm in list(t, !t)) w[arm] <- w[arm] / mean(w[arm]); w }
of_att <- classes(5, t); of_ate <- classes(3, rep(TRUE, n)); trimmed <- ifelse(inside, ate(p), 0)
weights <- list(
  truncated_ate = truncated(ate(p), rep(TRUE, n), 0.95), truncated_att = truncated(att(p), !t, 0.9), trimmed_ate = trimmed,
  trimmed_truncated = replace(rep(0, n), inside, truncated(ate(p)[inside], rep(TRUE, sum(inside)), 0.9)),
  entropy_att = replace(rep(1, n), !t, entropy(!t, colMeans(X[t, ]))),
  entropy_ate = replace(replace(rep(1, n), t, entropy(t, colMeans(X))), !t, entropy(!t, colMeans(X))),
  entropy_trimmed = replace(replace(rep(0, n), inside & t, 1), inside & !t, entropy(inside & !t, colMeans(X[inside & t, ]))),
  cbps_att = att(cbps_att), cbps_ate = ate(cbps_ate), strata_att = shared(of_att, "att"), strata_ate = shared(of_ate, "ate"))
exactly <- coxph.control(eps = 1e-13, iter.max = 50)
hr <- function(m) c(exp(coef(m)[[1]]), exp(coef(m)[[1]] + c(-1, 1) * qnorm(.975) * sqrt(m$var[1, 1])))
of <- function(w) { x <- d[w > 0, ]; x$w <- w[w > 0]; ess <- function(v) sum(v)^2 / sum(v^2)
  list(weights = w, hr = hr(coxph(Surv(days, dead) ~ newer, x, weights = w, cluster = id, control = exactly)), ess = c(ess(w[t]), ess(w[!t])), n = nrow(x)) }
out <- lapply(weights, of); out$source <- paste("survival", packageVersion("survival"))
out$within <- list(strata_att = hr(coxph(Surv(days, dead) ~ newer + strata(of_att), d, control = exactly)), strata_ate = hr(coxph(Surv(days, dead) ~ newer + strata(of_ate), d, control = exactly)))
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = NA), "weights_menu.json")
