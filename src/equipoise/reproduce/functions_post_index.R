# ---- Functions for what became known after the index date: naive, landmark, time-dependent Cox, clone-censor-weight.
post_of <- function(data, p) {  # day and type of the grouping, and zero: the day on which the corrected clock starts (NA: never)
  d <- post_index_rows[post_index_rows$grouping == p$name, ]; d <- d[match(data$patient_id, d$patient_id), ]
  d$arm <- data$arm; d$time <- data[[paste0(p$endpoint, "_time")]]; d$event <- data[[paste0(p$endpoint, "_event")]]; d$zero <- 0
  if (!is.null(p$clock)) { at <- progression_of(data, p$clock, p$progression); d$zero <- ifelse(!is.na(at) & at < d$time, at, NA) }
  d$has <- !is.na(d$day) & d$day < d$time
  d
}
progression_of <- function(data, endpoint, sources) {  # day of the endpoint's progression, not of a death; NA: none
  happened <- data[[paste0(endpoint, "_event")]] == 1
  if (length(sources)) happened <- happened & data[[paste0(endpoint, "_source")]] %in% sources
  ifelse(happened, data[[paste0(endpoint, "_time")]], NA)
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
    clones(m, rest, key, p)
  }
}
uptake <- function(data, d, design, pair_column, p) {
  has <- !is.na(d$day); where <- c("post_index", p$endpoint, design); groups <- c("total", arms)
  rate(data, c(where, "uptake", p$name), has, pair_column, groups = groups)
  if (!is.null(p$clock)) rate(data[!is.na(d$zero), ], c(where, "uptake_after_clock", p$name), has[!is.na(d$zero)], "", groups = groups)
  said <- !is.na(d$type) & d$type != ""; d$type <- ifelse(said, d$type, "not recorded")
  for (type in if (any(said & has)) unique(d$type[has])) for (group in groups) {
    g <- in_group(data, group) & has; put(k(where, "type", p$name, type, group, "n"), sum(d$type[g] == type))
    if (any(g)) put(k(where, "type", p$name, type, group, "percent"), 100 * mean(d$type[g] == type))
  }
}
may_test <- function(sizes, events, p) length(sizes) > 1 && min(sizes) >= p$minimum_group && events > 0
types_among <- function(m, among, p) { found <- setdiff(unique(m$type[among & m$has]), c("", NA)); c(intersect(p$types, found), setdiff(found, p$types)) }
strata_of <- function(formula, m) if (length(unique(m$stratum)) > 1) update(formula, . ~ . + strata(stratum)) else formula
compare <- function(m, key, analysis, by, time, among, p, has = m$has) {
  labels <- if (by == "yes_no") c("no", "yes") else types_among(m, among, p)
  m$code <- if (by == "yes_no") ifelse(has, "yes", "no") else ifelse(m$has, m$type, NA)
  m$clock <- time; m <- m[among & !is.na(m$code), ]; m$code <- factor(m$code, labels)
  for (label in labels) if (any(m$code == label)) {
    g <- m[m$code == label, ]; q <- median_of(survfit(Surv(clock, event) ~ 1, g, conf.type = interval_type, conf.int = conf_level))
    put(k(key(paste0(analysis, "_median"), paste0(by, "=", label)), "median"), q[1], q[2], q[3])
    days <- risk_times[[paste(p$name, analysis, by)]]; n <- at_risk_at(g$clock, days)
    for (i in seq_along(days)) put(k(key(paste0(analysis, "_curve"), c(names(days)[i], paste0(by, "=", label))), "at_risk"), n[i])
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
  if (!length(labels) || all(is.na(m$switch))) return(invisible())  # nobody came to have it
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
clones <- function(m, rest, key, p) {  # start within the grace period or not; then the declared strategies
  Z <- if (length(p$adjust)) terms_of(rest, p$adjust) else matrix(0, nrow(m), 0)
  S <- matrix(as.numeric(unlist(lapply(p$over_time, function(e) progression_of(rest, e$endpoint, e$progression)))), nrow(m))
  keep <- !is.na(m$zero) & m$time > m$zero & complete.cases(cbind(0, Z)); m <- m[keep, ]; Z <- Z[keep, , drop = FALSE]; S <- S[keep, , drop = FALSE] - m$zero
  if (!sum(m$event)) return(invisible())
  m$row <- seq_len(nrow(m)); m$t <- m$time - m$zero; m$begin <- pmax(m$day - m$zero, 0); m$begin[is.na(m$begin) | m$begin >= m$t] <- Inf
  started <- m$begin <= p$grace
  if ("yes_no" %in% p$by && may_test(c(sum(started), sum(!started)), sum(m$event), p)) {
    plans <- list(wait = list(kinds = character(0), since = 0, by = p$grace), start = list(kinds = NULL, since = 0, by = p$grace))
    weigh(m, Z, S, plans, "clone_censor_weight", function(name, first) "yes_no", key); put(k(key("clone_censor_weight", "started"), "n"), sum(started))
  }
  if (!length(p$strategies)) return(invisible())
  sizes <- sapply(p$strategies, function(s) if (!is.null(s$kinds) && !length(s$kinds)) sum(m$begin > s$by & m$t > s$by)
    else sum(m$begin >= s$since & m$begin <= s$by & (is.null(s$kinds) | m$type %in% s$kinds)))
  for (name in names(sizes)) put(k(key("clone_strategies", name), "n"), sizes[[name]])
  if (may_test(sizes, sum(m$event), p)) weigh(m, Z, S, p$strategies, "clone_strategies", function(name, first) paste(name, "vs", first), key)
}
weigh <- function(m, Z, S, plans, analysis, level, key) {
  sets <- lapply(plans, function(s) plan_of(m, Z, S, s)); names <- names(plans)
  d <- do.call(rbind, lapply(seq_along(sets), function(i) cbind(sets[[i]], plan = i)))
  d$X <- outer(d$plan, seq_along(plans)[-1], "==") + 0
  fit <- cox(strata_of(Surv(entry, stop, died) ~ X, d), d, weights = weight, cluster = row)
  for (i in seq_along(plans)) {
    if (i > 1) put_hr(key(analysis, level(names[i], names[1])), fit, i - 1)
    g <- sets[[i]]; put(k(key(analysis, names[i]), "weight_max"), max(g$weight)); put(k(key(analysis, names[i]), "weight_mean"), mean(g$weight))
    curve <- survfit(Surv(entry, stop, died) ~ 1, g, weights = weight)
    for (j in seq_along(landmarks)) if (landmarks[j] <= max(g$stop))
      put(k(key(analysis, paste(names[i], names(landmarks)[j])), "survival"), summary(curve, times = landmarks[j], extend = TRUE)$surv)
  }
}
plan_of <- function(m, Z, S, plan) {  # clones of one strategy; kinds NULL: any, empty: nothing may be started
  begun <- m$begin <= plan$by; due <- is.null(plan$kinds) || length(plan$kinds) > 0
  allowed <- begun & m$begin >= plan$since & (is.null(plan$kinds) | m$type %in% plan$kinds); refused <- begun & !allowed; late <- due & m$t > plan$by & !begun
  m$stop <- ifelse(refused, m$begin, ifelse(late, plan$by, m$t)); m$died <- ifelse(refused | late, 0, m$event)
  at_risk <- pmin(ifelse(begun, m$begin, m$t), plan$by); cuts <- sort(unique(m$begin[refused])); stays <- staying(at_risk, refused, cuts, Z, S)
  kept <- rep(1, nrow(m)); at <- m$t > plan$by & !refused
  if (due && any(allowed[at]) && !all(allowed[at])) {
    on <- 1 * (!is.na(S) & S < plan$by); Y <- cbind(Z, on); kept[at] <- if (ncol(Y)) chance(allowed[at], Y[at, , drop = FALSE]) else mean(allowed[at])
  }
  edges <- sort(unique(c(cuts, if (due) plan$by))); edges <- edges[edges > 0]; d <- m[m$stop > 0, ]; d$weight <- NULL
  d <- if (length(edges)) survSplit(Surv(stop, died) ~ ., d, cut = edges, start = "entry") else transform(d, entry = 0)
  step <- findInterval(d$entry, cuts)
  d$weight <- 1 / (cbind(1, stays)[cbind(d$row, step + 1)] * ifelse(due & d$entry >= plan$by, kept[d$row], 1))
  d
}
chance <- function(y, Z) {
  fit <- suppressWarnings(glm(y ~ Z, family = binomial, epsilon = 1e-14, maxit = 100)); p <- fitted(fit)
  if (min(p, 1 - p) > 1e-8) p else firth_logistic(y, Z)
}
staying <- function(at, refused, cuts, Z, S) {  # probability of no refused start: a row per patient, a column per day of such a start
  left <- sapply(cuts, function(c) sum(refused & at == c)); here <- outer(at, cuts, ">=")
  if (!length(cuts)) return(matrix(0, length(at), 0))
  if (!(ncol(Z) + ncol(S))) return(t(apply(here, 1, function(h) cumprod(ifelse(h, 1 - left / colSums(here), 1))))[, seq_along(cuts), drop = FALSE])
  Z <- if (ncol(Z)) sweep(Z, 2, colMeans(Z)) else Z; b <- starting(at, refused, Z, S); n <- ncol(Z)
  score <- matrix(if (n) Z %*% b[seq_len(n)] else 0, length(at), length(cuts))
  for (j in seq_len(ncol(S))) score <- score + b[n + j] * outer(ifelse(is.na(S[, j]), Inf, S[, j]), cuts, "<")
  risk <- exp(score); hazard <- left / colSums(risk * here)
  out <- exp(-apply(ifelse(here, sweep(risk, 2, hazard, "*"), 0), 1, cumsum)); if (length(cuts) > 1) t(out) else matrix(out, ncol = 1)
}
starting <- function(at, refused, Z, S) {  # Cox model of refused starts, Breslow ties; follow-up split where a covariate switches on
  d <- data.frame(id = seq_along(at), entry = -1, at = at, left = 1 * refused); on <- matrix(0, nrow(d), 0)
  for (j in seq_len(ncol(S))) {
    when <- S[d$id, j]; cut <- pmin(pmax(ifelse(is.na(when), Inf, when), d$entry), d$at)
    before <- cut > d$entry; after <- cut < d$at
    one <- d[before, ]; one$at <- cut[before]; one$left <- ifelse(one$at == d$at[before], d$left[before], 0); two <- d[after, ]; two$entry <- cut[after]
    on <- rbind(cbind(on[before, , drop = FALSE], rep(0, sum(before))), cbind(on[after, , drop = FALSE], rep(1, sum(after)))); d <- rbind(one, two)
  }
  y <- if (ncol(S)) Surv(d$entry, d$at, d$left) else Surv(d$at, d$left); X <- cbind(Z[d$id, , drop = FALSE], on); storage.mode(X) <- "double"
  call <- function(init) suppressWarnings(coxph(y ~ X, ties = "breslow", init = init, control = suppressWarnings(coxph.control(eps = 1e-13, iter.max = 200))))
  fit <- call(rep(0, ncol(X)))
  if (any(runaway(fit) & !is.na(coef(fit)))) return(firth_cox(y, X, "breslow")$coef)
  if (!anyNA(coef(fit))) fit <- call(coef(fit))
  ifelse(is.na(coef(fit)), 0, coef(fit))
}
