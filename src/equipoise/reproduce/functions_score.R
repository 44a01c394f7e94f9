# ---- The propensity score: its columns, and its fit by maximum likelihood, by Firth's likelihood, or as given where a penalty made it
score_columns <- function(data, variables) {  # keep: the rows with a score; X: their columns, named by their keys
  main <- fitted_terms(score_terms(data, variables)); keep <- complete.cases(main); main <- main[keep, , drop = FALSE]
  continuous <- setdiff(variables, c(names(level_sets), binary_covariates)); blocks <- list(); owner <- variable_of(colnames(main))
  indicator <- owner %in% continuous & grepl("\r", colnames(main), fixed = TRUE)
  of_factor <- function(f) {  # f: text, covariate, degrees of freedom of a spline or 0, power
    own <- main[, owner == f[2] & !indicator, drop = FALSE]; if (!ncol(own) || f[1] == f[2]) return(own)
    if (as.numeric(f[4]) > 1) { colnames(own) <- f[1]; return(own^as.numeric(f[4])) }
    own <- unclass(splines::ns(own[, 1], df = as.numeric(f[3])))[, , drop = FALSE]; colnames(own) <- paste(f[1], seq_len(ncol(own)), sep = "\r"); own
  }
  level_of <- function(name) ifelse(grepl("\r", name, fixed = TRUE), sub(".*\r", "", name), "")
  bent <- character(0)
  for (text in names(score_terms_added)) {
    parts <- lapply(score_terms_added[[text]], of_factor); first <- score_terms_added[[text]][[1]]
    if (length(parts) == 1) { blocks[[text]] <- parts[[1]]; if (first[3] != "0") bent <- c(bent, first[2]); next }
    for (i in seq_len(ncol(parts[[1]]))) for (j in seq_len(ncol(parts[[2]]))) {
      levels <- c(level_of(colnames(parts[[1]])[i]), level_of(colnames(parts[[2]])[j])); levels <- levels[nzchar(levels)]
      name <- if (length(levels)) paste(text, paste(levels, collapse = ":"), sep = "\r") else text
      blocks[[name]] <- matrix(parts[[1]][, i] * parts[[2]][, j], dimnames = list(NULL, name))
    }
  }
  X <- do.call(cbind, c(list(main[, !(owner %in% bent & !indicator), drop = FALSE]), blocks))
  list(keep = keep, X = X[, apply(X, 2, function(x) any(x != x[1])), drop = FALSE])
}
fitted_score <- function(whole, design, variables) {  # row: who has a score; logit; columns, of which the score uses X; coef, se
  if (score_fit %in% c("ridge", "lasso")) {
    logit <- whole[[paste0("logit_", design)]]; found <- which(!is.na(logit)); X <- score_columns(whole[found, ], variables)$X
    return(list(row = found, logit = logit[found], columns = X, X = X[, if (score_fit == "lasso") colnames(X) %in% score_kept else TRUE, drop = FALSE]))
  }
  counterpart <- whole[[paste0("counterpart_", design)]]; found <- if (is.null(counterpart)) seq_len(nrow(whole)) else which(counterpart == 1)
  made <- score_columns(whole[found, ], variables); found <- found[made$keep]; y <- as.numeric(whole$arm[found] == focal); X <- made$X
  if (score_fit == "firth") { q <- qr(cbind(1, X)); X <- X[, setdiff(sort(q$pivot[seq_len(q$rank)]), 1) - 1, drop = FALSE]; b <- firth_coef(y, X); return(list(row = found, logit = drop(cbind(1, X) %*% b), columns = X, X = X, coef = b)) }
  fit <- glm(y ~ X, binomial, epsilon = 1e-14, maxit = 100); told <- !is.na(coef(fit)); se <- sqrt(diag(vcov(fit)))
  X <- X[, told[-1], drop = FALSE]; list(row = found, logit = unname(predict(fit)), columns = X, X = X, coef = coef(fit)[told], se = se[told])
}
propensity <- function(whole, design, variables, matched = TRUE) {  # gives the rows that have a score, and its logit
  fit <- fitted_score(whole, design, variables); y <- as.numeric(whole$arm[fit$row] == focal); b <- fit$coef; z <- z_level
  for (i in seq_along(b)) {
    prefix <- c("design", design, "propensity", strsplit(c("intercept", colnames(fit$X))[i], "\r")[[1]]); put(k(prefix, "coef"), b[i])
    if (!is.null(fit$se)) put(k(prefix, "se"), fit$se[i])
    if (i > 1 && is.null(fit$se)) put(k(prefix, "odds_ratio"), exp(b[i]))
    if (i > 1 && !is.null(fit$se)) { put(k(prefix, "odds_ratio"), exp(b[i]), exp(b[i] - z * fit$se[i]), exp(b[i] + z * fit$se[i])); put(k(prefix, "p"), 2 * pnorm(-abs(b[i] / fit$se[i]))) }
  }
  s <- fit$logit; r <- rank(signif(s, 12)); n1 <- sum(y); n0 <- sum(1 - y)
  put(k("design", design, "events_per_coefficient", "value"), min(n1, n0) / ncol(fit$X))
  put(k("design", design, "c_statistic", "value"), (sum(r[y == 1]) - n1 * (n1 + 1) / 2) / (n1 * n0))
  if (!matched) return(list(row = fit$row, logit = s, columns = fit$columns))
  if (scale_of_score == "probability") s <- plogis(s)
  put(k("design", design, "score_sd_pooled", "value"), sqrt((var(s[y == 1]) + var(s[y == 0])) / 2))
  put(k("design", design, "score_sd", "value"), if (caliper_sd == "pooled") sqrt((var(s[y == 1]) + var(s[y == 0])) / 2) else sd(s))
}
