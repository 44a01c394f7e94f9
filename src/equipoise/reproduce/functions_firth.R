# ---- Firth's penalised likelihood in base R: log likelihood + log determinant of the information / 2, by Newton's method.
# The slope of the penalised likelihood is taken by differences (Richardson), accurate to about 1e-11.
penalised <- function(y, X, ties) {
  once <- suppressWarnings(coxph.control(iter.max = 0))
  fitter <- if (ncol(y) == 3) agreg.fit else coxph.fit
  function(b) {
    fit <- fitter(X, y, strata = NULL, offset = NULL, init = b, control = once, weights = NULL, method = ties,
                     rownames = as.character(seq_len(nrow(X))), resid = FALSE)
    list(value = fit$loglik[1] - determinant(fit$var)$modulus[1] / 2, var = fit$var)
  }
}
slope <- function(f, b, step, free) sapply(free, function(j) {
  half <- function(h) { up <- down <- b; up[j] <- b[j] + h; down[j] <- b[j] - h; (f(up)$value - f(down)$value) / (2 * h) }
  (4 * half(step[j] / 2) - half(step[j])) / 3
})
climb <- function(f, b, step, free = seq_along(b)) {  # maximum over the free coefficients, the others held; steps are halved
  damp <- 1; steep <- Inf
  for (i in 1:500) {
    here <- f(b); move <- rep(0, length(b)); up <- slope(f, b, step, free); now <- sqrt(sum((up * step[free])^2))
    if (!is.finite(now)) return(rep(NA_real_, length(b)))  # the information cannot be inverted here
    if (now > 0.9 * steep) damp <- max(damp / 2, 1 / 64)  # of two or three patients the penalty bends the likelihood more than the
    steep <- now                                           # information says, and whole steps go to and fro
    move[free] <- damp * solve(solve(here$var)[free, free, drop = FALSE], up)
    for (halved in 1:30) { value <- f(b + move)$value; if (is.finite(value) && value >= here$value - 1e-9) break; move <- move / 2 }
    b <- b + move
    if (max(abs(move) / step) < 1e-8) break
  }
  b
}
firth_cox <- function(y, X, ties, limits = integer(0)) {
  X <- as.matrix(X); storage.mode(X) <- "double"; q <- qr(scale(X, scale = FALSE)); varied <- sort(q$pivot[seq_len(q$rank)])
  if (length(varied) < ncol(X)) {  # a level that nobody has, or a covariate that others give
    none <- rep(NA_real_, ncol(X)); if (!length(varied)) return(list(coef = none, se = none, low = none, high = none, p = none))
    return(lapply(firth_cox(y, X[, varied, drop = FALSE], ties, which(varied %in% limits)), function(v) { none[varied] <- v; none }))
  }
  f <- penalised(y, X, ties); step <- 2e-3 / apply(X, 2, function(x) sqrt(mean(x^2)))
  b <- climb(f, rep(0, ncol(X)), step); unknown <- rep(NA_real_, ncol(X))
  if (anyNA(b)) return(list(coef = unknown, se = unknown, low = unknown, high = unknown, p = unknown))
  best <- f(b); low <- high <- p <- rep(NA, ncol(X))
  for (k in limits) for (side in c(-1, 1)) {
    last <- b
    profile <- function(value) {
      last[k] <<- value; if (ncol(X) > 1) last <<- climb(f, last, step, seq_along(b)[-k])
      f(last)$value - best$value + z_level^2 / 2
    }
    far <- b[k] + side * 2 * sqrt(best$var[k, k]); now <- profile(far)
    while (is.finite(now) && now > 0) { far <- far + side * sqrt(best$var[k, k]); now <- profile(far) }
    if (!is.finite(now)) next  # no limit on this side
    edge <- uniroot(profile, sort(c(b[k], far)), tol = 1e-12)$root
    if (side < 0) low[k] <- edge else high[k] <- edge
  }
  for (k in limits) {  # penalised likelihood-ratio test, which agrees with the profile limits
    none <- b; none[k] <- 0; if (ncol(X) > 1) none <- climb(f, none, step, seq_along(b)[-k])
    p[k] <- pchisq(2 * (best$value - f(none)$value), 1, lower.tail = FALSE)
  }
  list(coef = b, se = sqrt(diag(best$var)), low = low, high = high, p = p)
}
firth_coef <- function(y, Z) {  # intercept first
  m <- colMeans(Z); X <- cbind(1, sweep(Z, 2, m)); b <- rep(0, ncol(X)); size <- c(1, apply(Z, 2, sd))
  for (i in 1:500) {
    p <- plogis(drop(X %*% b)); I <- crossprod(X * sqrt(p * (1 - p))); h <- p * (1 - p) * rowSums((X %*% solve(I, tol = 1e-30)) * X)
    move <- drop(solve(I, crossprod(X, y - p + h * (0.5 - p)), tol = 1e-30)); b <- b + move / max(1, max(abs(move * size)) / 5)
    if (max(abs(move * size)) < 1e-13) break
  }
  c(b[1] - sum(b[-1] * m), b[-1])
}
firth_logistic <- function(y, Z) plogis(drop(cbind(1, Z) %*% firth_coef(y, Z)))  # fitted probabilities
