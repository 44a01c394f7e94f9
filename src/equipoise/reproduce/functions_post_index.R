# ---- Functions for what became known after the index date: naive, landmark, time-dependent Cox, clone-censor-weight.
post_of <- function(data, p) {  # day and type of the grouping, and zero: the day on which the corrected clock starts (NA: never)
  d <- post_index_rows[post_index_rows$grouping == p$name, ]; d <- d[match(data$patient_id, d$patient_id), ]
  d$arm <- data$arm; d$time <- data[[paste0(p$endpoint, "_time")]]; d$event <- data[[paste0(p$endpoint, "_event")]]; d$zero <- 0
  if (!is.null(p$clock)) {
    at <- data[[paste0(p$clock, "_time")]]; happened <- data[[paste0(p$clock, "_event")]] == 1
    if (length(p$progression)) happened <- happened & data[[paste0(p$clock, "_source")]] %in% p$progression
    d$zero <- ifelse(happened & at < d$time, at, NA)
  }
  d$has <- !is.na(d$day) & d$day < d$time
  d
}
post_index <- function(data, design, pair_column, p) {
  d <- post_of(data, p); uptake(data, d, design, pair_column, p)
  for (group in if (p$within_arms) arms else "total") {
    g <- in_group(data, group); m <- d[g, ]; rest <- data[g, ]
    m$stratum <- if (group == "total") m$arm else ""; m$cluster <- if (group == "total" && pair_column != "") rest[[pair_column]] else seq_len(nrow(m))
    m$robust <- group == "total" && pair_column != ""
    key <- function(analysis, level) c("post_index", p$endpoint, design, analysis, p$name, level, group)
    for (by in p$by) {
      compare(m, key, "naive", by, m$time, rep(TRUE, nrow(m)), p)
      left <- !is.na(m$zero) & m$time > m$zero + p$landmark_day
      by_then <- left & m$has & !is.na(m$day) & m$day <= m$zero + p$landmark_day
      compare(m, key, "landmark", by, m$time - m$zero - p$landmark_day, if (by == "yes_no") left else by_then, p, by_then)
      time_dependent(m, rest, key, "time_dependent_cox", by, NULL, p)
      if (length(p$adjust)) time_dependent(m, rest, key, "time_dependent_cox_adjusted", by, p$adjust, p)
    }
    if ("yes_no" %in% p$by) clones(m, rest, key, p)
  }
}
uptake <- function(data, d, design, pair_column, p) {
  has <- !is.na(d$day); where <- c("post_index", p$endpoint, design); groups <- c("total", arms)
  rate(data, c(where, "uptake", p$name), has, pair_column, groups = groups)
  if (!is.null(p$clock)) rate(data[!is.na(d$zero), ], c(where, "uptake_after_clock", p$name), has[!is.na(d$zero)], "", groups = groups)
  for (type in unique(d$type[has])) for (group in groups) {
    g <- in_group(data, group) & has; put(k(where, "type", p$name, type, group, "n"), sum(d$type[g] == type))
    if (any(g)) put(k(where, "type", p$name, type, group, "percent"), 100 * mean(d$type[g] == type))
  }
}
may_test <- function(sizes, events, p) length(sizes) > 1 && min(sizes) >= p$minimum_group && events > 0
types_among <- function(m, among, p) { found <- unique(m$type[among & m$has]); c(intersect(p$types, found), setdiff(found, p$types)) }
strata_of <- function(formula, m) if (length(unique(m$stratum)) > 1) update(formula, . ~ . + strata(stratum)) else formula
compare <- function(m, key, analysis, by, time, among, p, has = m$has) {
  labels <- if (by == "yes_no") c("no", "yes") else types_among(m, among, p)
  m$code <- if (by == "yes_no") ifelse(has, "yes", "no") else ifelse(m$has, m$type, NA)
  m$clock <- time; m <- m[among & !is.na(m$code), ]; m$code <- factor(m$code, labels)
  for (label in labels) if (any(m$code == label)) {
    g <- m[m$code == label, ]; q <- median_of(survfit(Surv(clock, event) ~ 1, g, conf.type = interval_type))
    put(k(key(paste0(analysis, "_median"), paste0(by, "=", label)), "median"), q[1], q[2], q[3])
  }
  sizes <- table(m$code); two <- length(labels) > 1 && length(unique(m$code)) > 1 && sum(m$event) > 0
  test <- function() { t <- survdiff(strata_of(Surv(clock, event) ~ code, m), m); pchisq(t$chisq, length(unique(m$code)) - 1, lower.tail = FALSE) }
  if (analysis == "naive" && p$published_p && two) put(k(key("naive_logrank_published", by), "p"), test())
  if (!may_test(sizes, sum(m$event), p)) return(invisible())
  put(k(key(paste0(analysis, "_logrank"), by), "p"), test())
  if (by != "yes_no") return(invisible())
  m$code <- as.numeric(m$code == "yes"); formula <- strata_of(Surv(clock, event) ~ code, m)
  fit <- if (m$robust[1]) cox(formula, m, cluster = cluster) else cox(formula, m)
  put_hr(key(paste0(analysis, "_cox"), by), fit, 1)
}
time_dependent <- function(m, rest, key, analysis, by, adjust, p) {
  Z <- if (length(adjust)) terms_of(rest, adjust) else matrix(0, nrow(m), 0)
  keep <- !is.na(m$zero) & m$time > m$zero
  if (!sum(m$event[keep])) return(invisible())
  keep <- keep & complete.cases(cbind(0, Z)); m$row <- seq_len(nrow(m)); m <- m[keep, ]
  m$stop <- m$time - m$zero; m$switch <- pmax(m$day - m$zero, 0)
  labels <- if (by == "yes_no") "yes" else types_among(m, rep(TRUE, nrow(m)), p)
  if (!length(labels)) return(invisible())
  d <- tmerge(m, m, id = row, died = event(stop, event)); d <- tmerge(d, m[!is.na(m$switch), ], id = row, on = tdc(switch))
  X <- sapply(labels, function(l) d$on * (if (by == "yes_no") 1 else !is.na(d$type) & d$type == l))
  d$X <- cbind(matrix(X, nrow(d)), Z[d$row, , drop = FALSE]); formula <- strata_of(Surv(tstart, tstop, died) ~ X, d)
  fit <- suppressWarnings(if (m$robust[1]) cox(formula, d, cluster = cluster) else cox(formula, d))
  ever <- apply(matrix(X, nrow(d)), 2, function(on) length(unique(d$row[on > 0]))); n <- nrow(m); events <- sum(m$event)
  for (i in seq_along(labels)) if (!runaway(fit)[i]) {
    where <- key(analysis, if (by == "yes_no") by else paste0(by, "=", labels[i])); put_hr(where, fit, i)
    if (!may_test(c(ever[i], n - sum(ever)), events, p)) results[[k(where, "p")]] <<- NULL
  }
  if (by == "type" && may_test(ever, events, p) && !any(runaway(fit)[seq_along(labels)])) {  # Wald test that the types have one hazard ratio
    C <- cbind(-1, diag(length(labels) - 1)); i <- seq_along(labels); b <- C %*% coef(fit)[i]; V <- C %*% vcov(fit)[i, i] %*% t(C)
    put(k(key(analysis, by), "p"), pchisq(drop(t(b) %*% solve(V) %*% b), length(labels) - 1, lower.tail = FALSE))
  }
}
clones <- function(m, rest, key, p) {
  Z <- if (length(p$adjust)) terms_of(rest, p$adjust) else matrix(0, nrow(m), 0)
  keep <- !is.na(m$zero) & m$time > m$zero & complete.cases(cbind(0, Z)); m <- m[keep, ]; Z <- Z[keep, , drop = FALSE]
  if (!sum(m$event)) return(invisible())
  m$row <- seq_len(nrow(m)); m$t <- m$time - m$zero; start <- pmax(m$day - m$zero, 0)
  start[is.na(start) | start >= m$t] <- Inf; started <- start <= p$grace
  if (!may_test(c(sum(started), sum(!started)), sum(m$event), p)) return(invisible())
  begin <- told_to_start(m, started, Z, p$grace); wait <- told_to_wait(m, start, started, Z, p$grace)
  d <- rbind(begin, wait); formula <- strata_of(Surv(entry, stop, died) ~ start, d)
  fit <- cox(formula, d, weights = weight, cluster = row)
  put_hr(key("clone_censor_weight", "yes_no"), fit, 1); put(k(key("clone_censor_weight", "started"), "n"), sum(started))
  for (label in c("wait", "start")) {
    g <- if (label == "wait") wait else begin; where <- function(level) key("clone_censor_weight", level)
    put(k(where(label), "weight_max"), max(g$weight)); put(k(where(label), "weight_mean"), mean(g$weight))
    curve <- survfit(Surv(entry, stop, died) ~ 1, g, weights = weight)
    for (i in seq_along(landmarks)) if (landmarks[i] <= max(g$stop))
      put(k(where(paste(label, names(landmarks)[i])), "survival"), summary(curve, times = landmarks[i], extend = TRUE)$surv)
  }
}
told_to_start <- function(m, started, Z, grace) {  # censored at the end of the grace period when not started; weights by logistic regression
  beyond <- m$t > grace; remains <- started[beyond]; weight <- rep(1, nrow(m))
  if (any(remains) && !all(remains)) weight[beyond] <- 1 / (if (ncol(Z)) chance(remains, Z[beyond, , drop = FALSE]) else mean(remains))
  d <- m[c(which(m$t > 0), which(beyond & started)), ]; late <- rep(c(FALSE, TRUE), c(sum(m$t > 0), sum(beyond & started)))
  d$entry <- ifelse(late, grace, 0); d$stop <- ifelse(late, d$t, pmin(d$t, grace)); d$died <- d$event * (late | d$t <= grace)
  d$weight <- ifelse(late, weight[d$row], 1); d$start <- 1
  d
}
chance <- function(y, Z) {
  fit <- suppressWarnings(glm(y ~ Z, family = binomial, epsilon = 1e-14, maxit = 100)); p <- fitted(fit)
  if (min(p, 1 - p) > 1e-8) p else firth_logistic(y, Z)
}
told_to_wait <- function(m, start, started, Z, grace) {  # censored at the start of treatment; weights by a Cox model of starting
  m$stop <- ifelse(started, start, m$t); m$died <- ifelse(started, 0, m$event); at <- pmin(m$stop, grace)
  stays <- if (!ncol(Z) || !any(started)) survfit(Surv(at, started) ~ 1) else waiting_model(at, started, Z)
  cuts <- sort(unique(start[started])); d <- m[m$stop > 0, ]; d$weight <- NULL
  d <- if (length(cuts[cuts > 0])) survSplit(Surv(stop, died) ~ ., d, cut = cuts[cuts > 0], start = "entry") else transform(d, entry = 0)
  step <- findInterval(d$entry, stays$time); S <- as.matrix(stays$surv)
  d$weight <- 1 / ifelse(step == 0, 1, S[cbind(pmax(step, 1), if (ncol(S) == 1) 1 else d$row)])
  d$start <- 0
  d
}
waiting_model <- function(at, started, Z) {  # Breslow ties and baseline; fitted on centred covariates
  Z <- sweep(Z, 2, colMeans(Z)); call <- function(init, n) suppressWarnings(coxph(Surv(at, started) ~ Z, ties = "breslow", init = init,
    control = suppressWarnings(coxph.control(eps = 1e-13, iter.max = n))))
  fit <- call(rep(0, ncol(Z)), 200)
  b <- if (any(runaway(fit) & !is.na(coef(fit)))) firth_cox(Surv(at, started), Z, "breslow")$coef else ifelse(is.na(coef(fit)), 0, coef(call(coef(fit), 200)))
  times <- sort(unique(at[started])); risk <- exp(drop(Z %*% b))
  hazard <- cumsum(sapply(times, function(t) sum(started & at == t) / sum(risk[at >= t])))
  list(time = times, surv = exp(-outer(hazard, risk)))
}
