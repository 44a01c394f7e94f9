# ---- Weighted designs: the weights from the propensity model, and everything described by them
weighted_sample <- function(whole, design, variables, target, stabilised, method = "logistic", limits = NULL, truncate = NULL) {  # the patients with a score, with columns .w and .id
  score <- propensity(whole, design, variables, FALSE); without_score(whole, design, variables)
  inside <- if (is.null(limits)) rep(TRUE, length(score$logit)) else trimmed_scores(whole, design, score, limits)
  d <- whole[score$row, ][inside, ]; logit <- score$logit[inside]; is_focal <- d$arm == focal; own <- plogis(ifelse(is_focal, logit, -logit)); rest <- plogis(ifelse(is_focal, -logit, logit))
  X <- if (method != "logistic") score$columns[inside, , drop = FALSE]
  d$.w <- if (method == "entropy") entropy_weights(X, is_focal, target) else if (method == "cbps") cbps_weights(X, is_focal, target) else
    switch(target, ate = 1 / own, att = ifelse(is_focal, 1, rest / own), atc = ifelse(is_focal, rest / own, 1), overlap = rest, matching = pmin(own, rest) / own)
  if (stabilised) d$.w <- d$.w * ifelse(is_focal, mean(is_focal), 1 - mean(is_focal))
  if (!is.null(truncate)) d$.w <- truncated_weights(d, design, target, truncate)
  fact <- function(name, value, group = "") put(k("design", design, name, group, "value"), value); d$.set <- d$.id <- seq_len(nrow(d))
  fact("smallest_score", min(plogis(logit))); fact("largest_score", max(plogis(logit)))
  sizes_of_weights(d, design); d
}
set_sample <- function(whole, design) {  # the matched patients, their weights and sets as given; without sets each stands alone
  w <- whole[[paste0("weight_", design)]]; set <- whole[[paste0("set_", design)]]; d <- whole[!is.na(w), ]; d$.w <- w[!is.na(w)]; d$.id <- seq_len(nrow(d))
  d$.set <- if (is.null(set)) d$.id else set[!is.na(w)]; sizes_of_weights(d, design); d
}
sizes_of_weights <- function(d, design) {
  fact <- function(name, value, group = "") put(k("design", design, name, group, "value"), value)
  sizes <- sapply(arms, function(a) sum(d$.w[d$arm == a])^2 / sum(d$.w[d$arm == a]^2)); names(sizes) <- arms; sizes <- c(total = sum(sizes), sizes)
  for (a in arms) fact("largest_weight", max(d$.w[d$arm == a]) / mean(d$.w[d$arm == a]), a)
  for (g in names(sizes)) {
    fact("effective_n", sizes[[g]], g); put(k("baseline", design, g, "effective_n"), sizes[[g]]); put(k("baseline", design, g, "n"), sum(in_group(d, g)))
  }
}
weighted_quantile <- function(x, w, p) {  # type 2 of the weighted distribution
  o <- order(x); x <- x[o]; below <- cumsum(w[o]) / sum(w)
  sapply(p, function(q) { i <- which(below >= q - 1e-12)[1]; if (abs(below[i] - q) <= 1e-12 && i < length(x)) (x[i] + x[i + 1]) / 2 else x[i] })
}
weighted_variance <- function(x, w) { u <- w / sum(w); if (all(x == x[1])) 0 else sum(u * (x - sum(u * x))^2) / (1 - sum(u^2)) }
weighted_spread <- function(x, w) { m <- weighted.mean(x, w); if (all(x %in% c(0, 1))) m * (1 - m) else weighted_variance(x, w) }
weighted_smd <- function(x1, w1, x0, w0, r1 = NULL, r0 = NULL, denominator = "pooled") {  # without r1, r0: SDs of the weighted patients
  if (min(length(x1), length(x0)) < 2) return(NA)
  s1 <- if (is.null(r1)) weighted_spread(x1, w1) else spread(r1); s0 <- if (is.null(r0)) weighted_spread(x0, w0) else spread(r0)
  scale <- if (denominator == "focal" && s1 > 0) s1 else if (denominator == "other" && s0 > 0) s0 else (s1 + s0) / 2
  difference <- weighted.mean(x1, w1) - weighted.mean(x0, w0)
  found <- if (scale == 0) { if (difference == 0) 0 else NA } else difference / sqrt(scale)
  if (!is.na(found) && abs(found) < 1e-12) 0 else found  # overlap weights leave nothing but rounding
}
weighted_distance <- function(x1, w1, x0, w0, r1, r0, levels, within, denominator = "pooled") {
  one <- function(x) if (is.null(x)) NULL else as.numeric(x == levels[1])
  if (length(levels) <= 2) return(abs(weighted_smd(one(x1), w1, one(x0), w0, if (!within) one(r1), if (!within) one(r0), if (within) "pooled" else denominator)))
  if (min(length(x1), length(x0)) < 2 || !any(levels %in% r1 & levels %in% r0)) return(NA)
  share <- function(x, w) as.numeric(tapply(w, factor(x, levels), sum, default = 0) / sum(w))[-1]
  flat <- function(x) rep(1, length(x)); cover <- function(p) diag(p, length(p)) - outer(p, p); a <- share(x1, w1); b <- share(x0, w0)
  V <- if (within) (cover(a) + cover(b)) / 2 else (cover(share(r1, flat(r1))) + cover(share(r0, flat(r0)))) / 2
  found <- sqrt(drop(t(a - b) %*% solve(V) %*% (a - b))); if (found < 1e-12) 0 else found
}
parts_of <- function(whole, data, variable) {  # values and weights by arm, and the values of the whole sample
  x <- data[[variable]]; known <- !is.na(x); f <- data$arm == focal; r <- whole[[variable]]; rf <- whole$arm == focal
  list(x1 = x[known & f], w1 = data$.w[known & f], x0 = x[known & !f], w0 = data$.w[known & !f], r1 = r[!is.na(r) & rf], r0 = r[!is.na(r) & !rf])
}
weighted_balance <- function(whole, data, variable, levels, denominator) {  # smd and smd_within of the variable and of each level
  p <- parts_of(whole, data, variable)
  one <- function(f) c(weighted_smd(f(p$x1), p$w1, f(p$x0), p$w0, f(p$r1), f(p$r0), denominator), weighted_smd(f(p$x1), p$w1, f(p$x0), p$w0))
  if (is.null(levels)) return(list(one(identity)))
  present <- levels[levels %in% c(p$r1, p$r0)]; shown <- levels[levels %in% c(p$x1, p$x0)]
  first <- c(weighted_distance(p$x1, p$w1, p$x0, p$w0, p$r1, p$r0, present, FALSE, denominator),
             weighted_distance(p$x1, p$w1, p$x0, p$w0, p$x1, p$x0, if (length(present) <= 2) present else shown, TRUE))
  c(list(first), setNames(lapply(levels, function(l) one(function(v) as.numeric(v == l))), levels))
}
weighted_baseline <- function(whole, data, design, variable, kind, levels = NULL, balance = TRUE) {
  x <- data[[variable]]; prefix <- c("baseline", design, variable)
  for (group in c("total", arms)) {
    g <- in_group(data, group); put(k(prefix, group, "missing"), sum(is.na(x[g]))); if (group == "total") next
    known <- g & !is.na(x); v <- x[known]; w <- data$.w[known]; n <- length(v)
    if (kind == "continuous") {
      put(k(prefix, group, "n"), n); if (!n) next
      q <- weighted_quantile(v, w, c(.25, .5, .75)); for (i in 1:3) put(k(prefix, group, c("q1", "median", "q3")[i]), q[i])
      put(k(prefix, group, "mean"), weighted.mean(v, w)); if (n > 1) put(k(prefix, group, "sd"), sqrt(weighted_variance(v, w)))
    } else for (level in if (kind == "binary") "" else levels) {
      hit <- if (kind == "binary") v == 1 else v == level; own <- c("baseline", design, variable, level, group)
      put(k(own, "n"), sum(w[hit])); if (n) put(k(own, "percent"), 100 * sum(w[hit]) / sum(w))
    }
  }
  if (!balance) return(invisible())
  found <- weighted_balance(whole, data, variable, if (kind == "categorical") levels, smd_denominator)
  for (i in seq_along(found)) for (j in 1:2) put(k(prefix, c("", names(found)[-1])[i], c("smd", "smd_within")[j]), found[[i]][j])
  p <- parts_of(whole, data, variable); if (kind == "continuous") put(k(prefix, "variance_ratio"), weighted_variance(p$x1, p$w1) / weighted_variance(p$x0, p$w0))
}
weighted_imbalance <- function(whole, data, design, variables) put(k("design", design, "max_abs_smd", "value"),
  max(abs(unlist(lapply(variables, function(v) sapply(weighted_balance(whole, data, v, level_sets[[v]], smd_denominator), `[`, 1))))))
weighted_rate <- function(data, prefix, hit, intervals) for (group in arms) {
  g <- in_group(data, group); n <- sum(g); w <- data$.w[g]; x <- as.numeric(hit[g]); put(k(prefix, group, "n"), sum(w * x)); if (!n) next
  p <- weighted.mean(x, w); ci <- c(NA, NA)
  if (intervals && p > 0 && p < 1) ci <- 100 * plogis(qlogis(p) + c(-1, 1) * z_level * sqrt(n / (n - 1) * sum((w * (x - p) / sum(w))^2)) / (p * (1 - p)))
  put(k(prefix, group, "percent"), 100 * p, ci[1], ci[2])
}
