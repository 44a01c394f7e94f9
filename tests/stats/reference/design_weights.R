# Weights of a logistic score by their formulas, entropy balancing and the covariate balancing score by Newton's method, on the synthetic
# cohort and on lalonde (matching/lalonde_matchit.csv of the third-party data; its folder is the first argument).  WeightIt 1.3.1 gives the
# same score weights and truncation (trim: quantile type 3, for the ATT of the controls only) to 1e-8, where glm stops; its optimisers of the two others stop
# early, and their estimating equations have one solution.  Every 20th weight of the cohort is kept; of lalonde, sums only.
source("common.R"); given <- commandArgs(TRUE)[1]
newton <- function(b, gradient, hessian, value) { for (i in 1:200) { g <- gradient(b); if (max(abs(g)) < 1e-13) break
  s <- solve(hessian(b), g); a <- 1; while (!isTRUE(value(b - a * s) <= value(b) + 1e-15) && a > 1e-8) a <- a / 2; b <- b - a * s }; b }
entropy <- function(X, target) { Z <- sweep(X, 2, target); Z <- sweep(Z, 2, apply(Z, 2, sd), "/"); w <- function(b) { e <- exp(Z %*% b - max(Z %*% b)); drop(e / sum(e)) }
  b <- newton(rep(0, ncol(Z)), function(b) colSums(w(b) * Z), function(b) crossprod(Z * w(b), Z) - tcrossprod(colSums(w(b) * Z)), function(b) { e <- Z %*% b; max(e) + log(sum(exp(e - max(e)))) }); w(b) * nrow(X) }
cbps <- function(X, t, e) { U <- svd(cbind(1, scale(X)))$u; p <- function(b) plogis(drop(U %*% b))
  moment <- function(b) colSums(U * switch(e, ATE = t / p(b) - (1 - t) / (1 - p(b)), ATT = (t - p(b)) / (1 - p(b))))
  slope <- function(b) crossprod(U * switch(e, ATE = -t * (1 - p(b)) / p(b) - (1 - t) * p(b) / (1 - p(b)), ATT = -(1 - t) * p(b) / (1 - p(b))), U)
  q <- p(newton(glm.fit(U, t, family = binomial())$coefficients, moment, slope, function(b) sum(moment(b)^2)))
  switch(e, ATE = t / q + (1 - t) / (1 - q), ATT = t + (1 - t) * q / (1 - q)) }
of <- function(d, f, keep, outcome) { t <- d$treat; X <- model.matrix(f, d)[, -1]; ess <- function(w) sum(w)^2 / sum(w^2)
  say <- function(w) { o <- list(ess = c(ess(w[t == 1]), ess(w[t == 0])), sum = c(sum(w[t == 1]), sum(w[t == 0])), largest = c(max(w[t == 1]), max(w[t == 0])), smallest = c(min(w[t == 1]), min(w[t == 0]))); w <- unname(w)
    if (!is.null(outcome)) o$difference <- weighted.mean(d[[outcome]][t == 1], w[t == 1]) - weighted.mean(d[[outcome]][t == 0], w[t == 0]); if (keep) o$every_20th <- w[seq(1, length(w), 20)]; o }
  p <- unname(fitted(glm(f, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100))))
  r <- list(glm_ATE = t / p + (1 - t) / (1 - p), glm_ATT = t + (1 - t) * p / (1 - p), glm_ATC = t * (1 - p) / p + (1 - t), glm_ATO = t * (1 - p) + (1 - t) * p)
  r$glm_ATM <- pmin(p, 1 - p) * r$glm_ATE; r$glm_ATE_stabilized <- r$glm_ATE * ifelse(t == 1, mean(t), 1 - mean(t)); q <- function(w, at) quantile(w, at, type = 3)
  r$glm_ATE_trim_0.99 <- pmin(r$glm_ATE, q(r$glm_ATE, .99)); r$glm_ATE_trim_0.99_lower <- pmax(r$glm_ATE_trim_0.99, q(r$glm_ATE, .01))
  r$glm_ATT_trim_0.99 <- ifelse(t == 1, 1, pmin(r$glm_ATT, q(r$glm_ATT[t == 0], .99))); r$glm_ATE_ps_within_0.1_0.9 <- ifelse(p >= .1 & p <= .9, r$glm_ATE, 0)
  for (e in c("ATT", "ATC", "ATE")) { w <- rep(1, nrow(d)); goal <- colMeans(X[switch(e, ATT = t == 1, ATC = t == 0, rep(TRUE, nrow(d))), ]); for (a in 0:1) if (e == "ATE" || a != c(ATT = 1, ATC = 0)[[e]]) w[t == a] <- entropy(X[t == a, ], goal); r[[paste0("ebal_", e)]] <- w }
  for (e in c("ATT", "ATE")) r[[paste0("cbps_", e)]] <- cbps(X, t, e)
  lapply(r, say) }
L <- read.csv(file.path(given, "matching", "lalonde_matchit.csv")); L$race <- factor(L$race)
save_json(list(cohort = of(cohort(), reformulate(paste0("x", 1:10), "treat"), TRUE, NULL), lalonde = of(L, treat ~ age + educ + race + married + nodegree + re74 + re75, FALSE, "re78")), "design_weights")
