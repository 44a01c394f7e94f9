# ---- Weights that balance the means of the score's columns, limits of scores and of weights, classes of the score
minimum <- function(f, b) {  # of a convex function that gives value, gradient and Hessian; damped Newton steps
  here <- f(b)
  for (i in 1:300) {
    if (max(abs(here$gradient)) < 1e-13) break
    step <- solve(here$hessian, here$gradient); share <- 1
    repeat { there <- f(b - share * step); if (isTRUE(there$value <= here$value + 1e-14 * max(1, abs(here$value))) || share < 1e-10) break; share <- share / 2 }
    b <- b - share * step; here <- there
  }
  b
}
spanned <- function(Z) { s <- svd(Z); keep <- s$d > 1e-6 * max(s$d); list(turn = s$v[, keep, drop = FALSE] %*% diag(1 / s$d[keep], sum(keep))) }
entropy_arm <- function(X, goal) {  # weights of one arm, mean 1, with the means of the goal
  scale_of <- apply(X, 2, sd); scale_of[scale_of == 0] <- 1; Z <- sweep(sweep(X, 2, goal), 2, scale_of, "/")
  turn <- spanned(sweep(Z, 2, colMeans(Z)))$turn * sqrt(nrow(Z)); Z <- Z %*% turn
  shares <- function(b) { e <- drop(Z %*% b); e <- exp(e - max(e)); e / sum(e) }
  f <- function(b) { w <- shares(b); e <- drop(Z %*% b); g <- colSums(w * Z); list(value = max(e) + log(mean(exp(e - max(e)))), gradient = g, hessian = crossprod(Z * w, Z) - tcrossprod(g)) }
  nrow(Z) * shares(minimum(f, rep(0, ncol(Z))))
}
entropy_weights <- function(X, t, target) {
  goal <- colMeans(X[switch(target, att = t, atc = !t, ate = rep(TRUE, length(t))), , drop = FALSE]); w <- rep(1, length(t))
  if (target != "att") w[t] <- entropy_arm(X[t, , drop = FALSE], goal)
  if (target != "atc") w[!t] <- entropy_arm(X[!t, , drop = FALSE], goal)
  w
}
cbps_weights <- function(X, t, target) {  # the odds of the other arm under the score that balances
  U <- cbind(1, scale(X)); U <- U[, colSums(is.na(U)) == 0, drop = FALSE]; U <- U %*% spanned(U)$turn * sqrt(nrow(U)); n <- nrow(U)
  weighted <- switch(target, att = !t, atc = t, ate = rep(TRUE, length(t))); sign <- ifelse(t, -1, 1)
  f <- function(b) {
    eta <- sign * drop(U %*% b); odds <- exp(eta); both <- target == "ate"
    value <- ifelse(weighted, odds, 0) + ifelse(weighted, both * eta, eta); slope <- ifelse(weighted, odds + both, 1)
    list(value = mean(value), gradient = colSums(sign * slope * U) / n, hessian = crossprod(U * ifelse(weighted, odds, 0), U) / n)
  }
  odds <- exp(sign * drop(U %*% minimum(f, glm.fit(U, t, family = binomial())$coefficients)))
  if (target == "ate") 1 + odds else ifelse(weighted, odds, 1)
}
trimmed_scores <- function(whole, design, score, limits) {  # who stays; patients of each arm beyond the limits
  inside <- plogis(score$logit) >= limits[1] & plogis(score$logit) <= limits[2]
  for (a in arms) put(k("design", design, "left_out", "trimmed", a, "n"), sum(!inside & whole$arm[score$row] == a))
  inside
}
truncated_weights <- function(d, design, target, at) {
  seen <- switch(target, att = d$arm != focal, atc = d$arm == focal, rep(TRUE, nrow(d))); limit <- quantile(d$.w[seen], at, type = 3, names = FALSE)
  put(k("design", design, "weight_limit", "value"), limit)
  for (a in arms) put(k("design", design, "truncated", a, "value"), sum(seen & d$.w > limit & d$arm == a))
  ifelse(seen, pmin(d$.w, limit), d$.w)
}
stratified_sample <- function(whole, design, variables, target, classes) {  # the classes as given; weights and limits from them
  score <- propensity(whole, design, variables, FALSE); without_score(whole, design, variables); fact <- function(name, value) put(k("design", design, name, "value"), value)
  d <- whole[score$row, ]; d$.class <- d[[paste0("class_", design)]]; p <- plogis(score$logit); f <- d$arm == focal; d$.set <- d$.id <- seq_len(nrow(d))
  own <- as.integer(factor(findInterval(p, quantile(p[switch(target, att = f, atc = !f, ate = rep(TRUE, nrow(d)))], seq(0, 1, length.out = classes + 1)[2:classes], type = 7))))
  n <- table(factor(d$.class), f)[, c("TRUE", "FALSE"), drop = FALSE]; wanted <- switch(target, att = n[, 1], atc = n[, 2], ate = rowSums(n))
  d$.w <- wanted[d$.class] / n[cbind(d$.class, ifelse(f, 1, 2))]; for (arm in list(f, !f)) d$.w[arm] <- d$.w[arm] / mean(d$.w[arm])
  fact("classes", nrow(n)); fact("moved", sum(own != d$.class)); fact("smallest_score", min(p)); fact("largest_score", max(p))
  for (i in seq_len(nrow(n))) {
    inside <- d$.class == i; put(k("design", design, "score_class", "smallest_score", i, "value"), min(p[inside])); put(k("design", design, "score_class", "largest_score", i, "value"), max(p[inside]))
    for (a in arms) put(k("design", design, "score_class", i, a, "n"), sum(inside & d$arm == a))
  }
  sizes_of_weights(d, design); d
}
