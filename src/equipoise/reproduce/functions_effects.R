# ---- The effect as differences, and adjusted within a design
arm_curve <- function(g, times, tau) {  # Kaplan-Meier of one arm at times, its area to tau, and what each row moves them by
  w <- if (is.null(g$.w)) rep(1, nrow(g)) else g$.w
  f <- do.call(survfit, list(Surv(time, event) ~ 1, g, weights = w)); s <- if (length(times)) summary(f, times = times, extend = TRUE)$surv
  steps <- c(0, f$time[f$time < tau], tau)
  moved <- function(at) if (length(at) && sum(g$event)) as.matrix(residuals(f, times = at, type = "survival")) * w else matrix(0, nrow(g), length(at))
  when <- sort(unique(g$time[g$event == 1 & g$time < tau]))  # residuals(type = "rmst") fails where there is one event
  list(surv = s, mean = sum(c(1, f$surv)[seq_len(length(steps) - 1)] * diff(steps)),
       of_surv = moved(times), of_mean = drop(moved(when) %*% diff(c(when, tau))))
}
clustered_se <- function(moves, cluster) sqrt(colSums(rowsum(as.matrix(moves), cluster)^2))
rounding <- 1e-10  # of the estimates: what is smaller is the rounding of sums that cancel
put_contrast <- function(prefix, value, se, log_scale = FALSE, p_name = "p", name = if (log_scale) "ratio" else "difference", size = 1) {
  if (is.finite(value) && abs(if (log_scale) log(value) else value) <= rounding * size) value <- if (log_scale) 1 else 0
  if (!is.finite(se) || se <= rounding * size) return(put(k(prefix, name), value))
  ends <- if (log_scale) exp(log(value) + c(-1, 1) * z_level * se) else value + c(-1, 1) * z_level * se
  put(k(prefix, name), value, ends[1], ends[2]); put(k(prefix, p_name), 2 * pnorm(-abs((if (log_scale) log(value) else value) / se)))
}
reached <- function(g) if (all(g$event[g$time == max(g$time)] == 1)) Inf else max(g$time)
times_within <- function(d) landmarks[landmarks <= min(tapply(d$time, d$arm, max))]
effect_sizes <- function(data, endpoint, design, pair_column, declared) {
  if (length(unique(data$arm)) < 2) return(invisible())
  of_arm <- function(a) data[data$arm == a, ]; both <- c(compared, reference); contrast <- paste0(compared, "-vs-", reference)
  reach <- min(sapply(both, function(a) reached(of_arm(a)))); last <- min(sapply(both, function(a) max(of_arm(a)$time)))
  tau <- if (!is.null(declared)) declared else if (length(landmarks) && max(landmarks) <= reach) max(landmarks) else last
  competing <- data[[paste0(endpoint, "_competing")]]
  if (!is.null(competing) && sum(data$event)) for (a in both) put(k("effect", endpoint, design, "incidence", "competing", a, "n"), sum(competing[data$arm == a]))
  prefix <- c("effect", endpoint, design); put(k(prefix, "rmst", "horizon"), tau); times <- times_within(data)
  cluster <- if (!is.null(data$.set)) data$.set else if (pair_column != "") data[[pair_column]] else seq_len(nrow(data)); inside <- lapply(both, function(a) which(data$arm == a))
  joined <- function(a, b) { all <- matrix(0, nrow(data), NCOL(a)); all[inside[[1]], ] <- a; all[inside[[2]], ] <- b; all }
  if (length(times)) {
    at <- lapply(both, function(a) arm_curve(of_arm(a), times, max(times)))
    se <- clustered_se(joined(at[[1]]$of_surv, -at[[2]]$of_surv), cluster)
    for (i in seq_along(times)) put_contrast(c(prefix, "survival_difference", names(times)[i], contrast), at[[1]]$surv[i] - at[[2]]$surv[i], se[i])
  }
  if (tau > reach) return(invisible())
  m <- lapply(both, function(a) arm_curve(of_arm(a), NULL, tau))
  for (i in 1:2) {
    se <- clustered_se(m[[i]]$of_mean, cluster[inside[[i]]]); ends <- if (se > rounding * tau) m[[i]]$mean + c(-1, 1) * z_level * se else c(NA, NA)
    put(k(prefix, "rmst", both[i], "rmst"), m[[i]]$mean, ends[1], ends[2])
  }
  put_contrast(c(prefix, "rmst", contrast), m[[1]]$mean - m[[2]]$mean, clustered_se(joined(m[[1]]$of_mean, -m[[2]]$of_mean), cluster), size = tau)
  ratio <- m[[1]]$mean / m[[2]]$mean
  put_contrast(c(prefix, "rmst", contrast), ratio, clustered_se(joined(m[[1]]$of_mean / m[[1]]$mean, -m[[2]]$of_mean / m[[2]]$mean), cluster), TRUE, "p_ratio")
}
adjusted_effect <- function(data, endpoint, design, pair_column, variables, analysis) {  # complete cases of the design
  X <- terms_of(data, c("treatment", variables)); keep <- complete.cases(X); d <- data[keep, ]; d$X <- X[keep, , drop = FALSE]
  if (!sum(d$event) || length(unique(d$arm)) < 2) return(invisible())
  first <- d; varied <- apply(d$X, 2, function(x) any(x != x[1])); first$X <- d$X[, varied, drop = FALSE]
  if (analysis == "cox_residual") for (v in variables) put(k("effect", endpoint, design, analysis, v, "smd"), results[[k("baseline", design, v, "smd")]][1])
  put_hr(c("effect", endpoint, design, analysis, paste0(compared, "-vs-", reference)), suppressWarnings(of_design(Surv(time, event) ~ X, first, pair_column)), 1)
}
doubly_robust <- function(whole, data, endpoint, design, variables, target, limits = NULL) {  # pseudo-values by arm, a linear model in each, the score by logistic regression
  fit <- fitted_score(whole, design, variables); X <- fit$X; d <- whole[fit$row, ]; first <- if (target == "atc") setdiff(arms, focal) else focal; e <- plogis(if (first == focal) fit$logit else -fit$logit)
  if (!is.null(limits)) {
    inside <- if (first == focal) e >= limits[1] & e <= limits[2] else 1 - e >= limits[1] & 1 - e <= limits[2]
    d <- d[inside, ]; X <- X[inside, , drop = FALSE]; e <- e[inside]
  }
  if (!target %in% c("ate", "att", "atc") || min(table(factor(d$arm, arms))) < ncol(X) + 2) return(invisible())
  d$time <- d[[paste0(endpoint, "_time")]]; d$event <- d[[paste0(endpoint, "_event")]]; times <- times_within(d); if (!length(times)) return(invisible())
  y <- as.numeric(d$arm == first); n <- nrow(d)
  pseudo <- matrix(NA, n, length(times))
  for (a in 0:1) { f <- do.call(survfit, list(Surv(time, event) ~ 1, d[y == a, ])); s <- summary(f, times = times)$surv
    pseudo[y == a, ] <- rep(s, each = sum(y == a)) + sum(y == a) * as.matrix(residuals(f, times = times, type = "survival")) }
  for (i in seq_along(times)) {
    v <- pseudo[, i]; guess <- lapply(1:0, function(a) { b <- lm.fit(cbind(1, X)[y == a, , drop = FALSE], v[y == a])$coefficients; b[is.na(b)] <- 0; drop(cbind(1, X) %*% b) })
    if (target == "ate") { u1 <- guess[[1]] + y * (v - guess[[1]]) / e; u0 <- guess[[2]] + (1 - y) * (v - guess[[2]]) / (1 - e); mu <- c(mean(u1), mean(u0)); moves <- cbind(u1 - mu[1], u0 - mu[2]) / n
    } else { u1 <- y * v; u0 <- y * guess[[2]] + (1 - y) * (v - guess[[2]]) * e / (1 - e); mu <- c(sum(u1), sum(u0)) / sum(y); moves <- cbind(u1 - y * mu[1], u0 - y * mu[2]) / sum(y) }
    sign <- if (first == compared) 1 else -1
    put_contrast(c("effect", endpoint, design, "doubly_robust", names(times)[i], paste0(compared, "-vs-", reference)), sign * (mu[1] - mu[2]), sqrt(sum((moves[, 1] - moves[, 2])^2)))
  }
}
risk_effect <- function(data, endpoint, design, pair_column) {  # a binary endpoint among those in whom it is known
  prefix <- c("effect", endpoint, design, "risk"); y <- data[[paste0(endpoint, "_happened")]]; why <- data[[paste0(endpoint, "_unknown")]]
  for (reason in unique(why[!is.na(why) & nzchar(why)])) for (a in arms) put(k(prefix, "unknown", reason, a, "n"), sum(data$arm == a & !is.na(why) & why == reason))
  d <- data[!is.na(y), ]; y <- y[!is.na(y)]; if (length(unique(d$arm)) < 2) return(invisible())
  cluster <- if (!is.null(d$.set)) d$.set else if (pair_column != "") d[[pair_column]] else seq_len(nrow(d))
  w <- if (is.null(d$.w)) rep(1, nrow(d)) else d$.w; contrast <- paste0(compared, "-vs-", reference)
  moves <- sapply(c(compared, reference), function(a) { g <- d$arm == a; p <- weighted.mean(y[g], w[g]); ifelse(g, w * (y - p), 0) / sum(w[g]) })
  p <- sapply(c(compared, reference), function(a) weighted.mean(y[d$arm == a], w[d$arm == a]))
  p <- ifelse(abs(p - round(p)) <= rounding, round(p), p)
  for (i in 1:2) {
    n <- sum(d$arm == c(compared, reference)[i]); ends <- c(NA, NA)
    if (n > 1 && p[i] > 0 && p[i] < 1) ends <- 100 * plogis(qlogis(p[i]) + c(-1, 1) * z_level * sqrt(n / (n - 1) * sum(moves[, i]^2)) / (p[i] * (1 - p[i])))
    put(k(prefix, c(compared, reference)[i], "percent"), 100 * p[i], ends[1], ends[2])
  }
  se <- function(a, b) clustered_se(moves %*% c(a, -b), cluster)
  if (se(1, 1) > rounding) put_contrast(c(prefix, contrast), p[[1]] - p[[2]], se(1, 1))
  if (all(p > 0) && se(1 / p[[1]], 1 / p[[2]]) > rounding) put_contrast(c(prefix, contrast), p[[1]] / p[[2]], se(1 / p[[1]], 1 / p[[2]]), TRUE, "p_ratio")
  if (all(p > 0 & p < 1)) put_contrast(c(prefix, contrast), p[[1]] / (1 - p[[1]]) / (p[[2]] / (1 - p[[2]])),
    se(1 / (p[[1]] * (1 - p[[1]])), 1 / (p[[2]] * (1 - p[[2]]))), TRUE, "p_odds", "odds_ratio")
}
