# Rscript clones.R, in this folder: strategies by kind and day of starting, clones censored where they depart, weights from tmerge and
# coxph (refused starts, progression as a time-dependent covariate) and glm (not started by the last day)
source("common.R")
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
subjects <- function(name) {
  d <- data_set(name); i <- seq_len(nrow(d)); d$id <- i
  d$start <- ifelse(i %% 2 == 0, NA, (i * 37) %% 211 + 0.5); d$start[!is.na(d$start) & d$start >= d$time] <- NA
  d$kind <- ifelse(i %% 3 == 0, "a", "b"); d$switch <- ifelse(i %% 5 == 0, NA, (i * 29) %% 97 + 0.25)
  d
}
refusal <- function(d, refused, at_risk) {  # probability of no refused start up to and with time t, per subject
  if (!any(refused)) return(function(t, id) rep(1, length(id)))
  base <- data.frame(id = d$id, x1 = d$x1, x2 = d$x2, at = at_risk, refused = as.integer(refused), switch = d$switch)
  m <- tmerge(base[, c("id", "x1", "x2")], base, id = id, left = event(at, refused))
  m <- tmerge(m, base[!is.na(base$switch), ], id = id, on = tdc(switch)); m$on[is.na(m$on)] <- 0
  f <- coxph(Surv(tstart, tstop, left) ~ x1 + x2 + on, m, ties = "breslow", control = control)
  b <- basehaz(f, centered = FALSE); jump <- diff(c(0, b$hazard))
  lp <- as.vector(as.matrix(base[, c("x1", "x2")]) %*% coef(f)[1:2])
  function(t, id) mapply(function(t, id) {
    u <- b$time <= min(t, at_risk[id]); on <- !is.na(base$switch[id]) & base$switch[id] < b$time
    exp(-sum(jump[u] * exp(lp[id] + coef(f)[3] * on[u])))
  }, t, id)
}
under <- function(d, kinds, since, by) {
  begun <- !is.na(d$start) & d$start <= by; due <- length(kinds) > 0
  allowed <- begun & d$start >= since & d$kind %in% kinds; refused <- begun & !allowed; late <- due & d$time > by & !begun
  d$stop <- ifelse(refused, d$start, ifelse(late, by, d$time)); d$happened <- ifelse(refused | late, 0, d$event)
  at_risk <- pmin(ifelse(begun, d$start, d$time), by); stays <- refusal(d, refused, at_risk)
  kept <- rep(1, nrow(d)); at <- d$time > by & !refused
  if (due) {
    d$on <- as.numeric(!is.na(d$switch) & d$switch < by); d$remains <- as.integer(allowed)
    kept[at] <- fitted(glm(remains ~ x1 + x2 + on, binomial, d[at, ], control = glm.control(epsilon = 1e-14, maxit = 100)))
  }
  cuts <- sort(unique(c(d$start[refused], if (due) by)))
  w <- survSplit(Surv(stop, happened) ~ ., d[, c("id", "stop", "happened")], cut = cuts)
  w$w <- 1 / (stays(w$tstart, w$id) * ifelse(due & w$tstart >= by, kept[w$id], 1))
  w
}
comparison <- function(name, by) {
  d <- subjects(name)
  plans <- list(under(d, character(0), 0, by), under(d, "a", 0, by), under(d, "b", 0, by), under(d, c("a", "b"), by / 2, by))
  a <- do.call(rbind, lapply(seq_along(plans), function(k) cbind(plans[[k]], strategy = k - 1)))
  fit <- coxph(Surv(tstart, stop, happened) ~ factor(strategy), a, weights = w, cluster = id, control = control)
  km <- survfit(Surv(tstart, stop, happened) ~ strategy, a, weights = w)
  list(by = by, rows = nrow(a), weight_sum = as.vector(tapply(a$w, a$strategy, sum)), weight_max = as.vector(tapply(a$w, a$strategy, max)),
    coef = unname(coef(fit)), robust_se = unname(sqrt(diag(fit$var))), survival = summary(km, times = 150)$surv)
}
save_json(list(lung = comparison("lung", 120), veteran = comparison("veteran", 90)), "clones")
