# What R says about the GBSG-2 study with other propensity scores: splines and products (glm, splines::ns), Firth's likelihood (by
# glm of augmented data; Heinze & Schemper, Stat Med 2002), LASSO and ridge (glmnet, the folds given). Weights by their formulas,
# pairs by nearest neighbours from the largest score down. R 4.2.2, survival 3.5-3, glmnet 4.1-6.
#   Rscript gbsg2_scores.R gbsg2_analysis.csv gbsg2_folds.csv gbsg2_scores.json
suppressPackageStartupMessages({ library(survival); library(splines); library(glmnet) })
args <- commandArgs(TRUE)
d <- read.csv(args[1], stringsAsFactors = FALSE); folds <- read.csv(args[2]); stopifnot(identical(d$patient_id, folds$patient_id))
d$t <- as.numeric(d$horTh == "yes"); d$post <- as.numeric(d$menostat == "Post"); d$g2 <- as.numeric(d$tgrade == "II"); d$g3 <- as.numeric(d$tgrade == "III")
control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 50)
out <- list()
put <- function(key, value) out[[key]] <<- unname(value)
ratio <- function(data, key, w = rep(1, nrow(data)), together = data$patient_id) {
  data$w <- w; data$together <- together
  fit <- coxph(Surv(time, cens) ~ t, data, weights = w, cluster = together, control = control); ci <- exp(confint(fit)); put(paste0(key, ".hr"), c(exp(coef(fit)), ci))
}
weighted <- function(name, w) ratio(d, name, w)

# Splines, a power and products, by maximum likelihood
score <- glm(t ~ ns(age, 3) + post + tsize + I(tsize^2) + g2 + g3 + ns(pnodes, 3) + progrec + estrec + age:post + post:g2 + post:g3, binomial, d, epsilon = 1e-14, maxit = 100)
put("ml.score", fitted(score)); put("ml.se", sqrt(diag(vcov(score)))[c("ns(age, 3)1", "ns(pnodes, 3)3", "I(tsize^2)")])
put("ml.coef", coef(score)[c("(Intercept)", "ns(age, 3)1", "ns(age, 3)2", "ns(age, 3)3", "ns(pnodes, 3)3", "I(tsize^2)", "post", "g3")])
logit <- predict(score); e <- fitted(score); t <- d$t
weighted("att", ifelse(t == 1, 1, e / (1 - e)))
who <- function(i) as.character(d$patient_id[i])
caliper <- 0.2 * sd(logit); put("caliper", caliper)
focal <- which(t == 1); focal <- focal[order(-logit[focal], who(focal), method = "radix")]; free <- t == 0; pair <- rep(0, nrow(d))
for (i in focal) {
  near <- which(free & abs(logit - logit[i]) <= caliper); if (!length(near)) next
  j <- near[order(abs(logit[near] - logit[i]), who(near), method = "radix")[1]]; free[j] <- FALSE; pair[c(i, j)] <- max(pair) + 1
}
d$pair <- pair; put("matched.pairs", max(pair)); ratio(d[pair > 0, ], "matched", together = pair[pair > 0])
put("matched.who", sort(d$patient_id[pair > 0]))

# Firth: glm of the data with each patient a second time, weights from the hat matrix
X <- cbind(1, ns(d$age, 3), d$post, d$tsize, d$g2, d$g3, d$pnodes, d$progrec, d$estrec); b <- rep(0, ncol(X))
for (i in 1:500) {
  p <- plogis(drop(X %*% b)); W <- p * (1 - p); h <- W * rowSums((X %*% solve(crossprod(X * sqrt(W)))) * X)
  y <- c(t, 1 - t); w <- c(1 + h / 2, h / 2)
  new <- coef(suppressWarnings(glm(y ~ rbind(X, X) - 1, binomial, weights = w, epsilon = 1e-14, maxit = 100))); moved <- max(abs((new - b) * apply(X, 2, function(x) sqrt(mean(x^2))))); b <- new
  if (moved < 1e-12) break
}
e <- plogis(drop(X %*% b)); put("firth.score", e); put("firth.coef", b); weighted("firth", ifelse(t == 1, 1 / e, 1 / (1 - e)))

# LASSO and ridge: the penalty from a grid of the same ends, by the same folds
glmnet.control(fdev = 0, devmax = 1)
pen <- function(name, X, alpha, fold, folds, rule, target) {
  Z <- scale(X) * sqrt(nrow(X) / (nrow(X) - 1)); first <- max(abs(crossprod(Z, t - mean(t)))) / nrow(X)
  lambda <- if (alpha == 1) first * 10^seq(0, -4, length.out = 100) else 1000 * first * 10^seq(0, -5, length.out = 60)
  cv <- cv.glmnet(X, t, family = "binomial", alpha = alpha, lambda = lambda, foldid = fold + 1, thresh = 1e-14, maxit = 1e7)
  at <- if (rule == "min") cv$lambda.min else cv$lambda.1se
  fit <- glmnet(X, t, family = "binomial", alpha = alpha, lambda = lambda, thresh = 1e-20, maxit = 1e8)
  b <- as.numeric(coef(fit, s = at, exact = FALSE)); e <- plogis(b[1] + drop(X %*% b[-1]))
  put(paste0(name, ".penalty"), at); put(paste0(name, ".score"), e); put(paste0(name, ".coef"), b); weighted(name, target(e))
}
L <- cbind(ns(d$age, 3), d$post, d$tsize, d$g2, d$g3, ns(d$pnodes, 3), d$progrec, d$estrec, d$tsize^2, d$progrec^2, d$estrec^2, d$progrec * d$estrec, d$post * d$g2, d$post * d$g3)
pen("lasso", L, 1, folds$lasso, 10, "min", function(e) ifelse(t == 1, 1 - e, e))
R <- cbind(d$age, d$post, d$tsize, d$g2, d$g3, d$pnodes, d$progrec, d$estrec, d$progrec * d$estrec)
pen("ridge", R, 0, folds$ridge, 5, "1se", function(e) pmin(e, 1 - e) / ifelse(t == 1, e, 1 - e))

every <- seq(1, nrow(d), 23)
for (name in grep("score$", names(out), value = TRUE)) out[[name]] <- out[[name]][every]
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
lines <- vapply(names(out), function(k) paste0('"', k, '": [', paste(number(out[[k]]), collapse = ", "), "]"), "")
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), args[3])
