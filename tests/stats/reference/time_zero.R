# Rscript time_zero.R, in this folder: time-dependent Cox by tmerge, clone-censor-weight by survSplit and glm, Poisson rates, Holm
source("common.R")
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
started <- function(d) { i <- seq_len(nrow(d)); ifelse(i %% 2 == 0, NA, (i * 37) %% 211 + 0.5) }
switching <- function(name) {
  d <- data_set(name); d$id <- seq_len(nrow(d)); d$start <- started(d)
  m <- tmerge(d, d, id = id, died = event(time, event), on = tdc(start))
  f <- coxph(Surv(tstart, tstop, died) ~ on, m, control = control)
  g <- coxph(Surv(tstart, tstop, died) ~ on + x1 + x2, m, control = control)
  list(rows = nrow(m), on = unname(m$on), tstart = m$tstart, tstop = m$tstop, died = m$died,
    coef = unname(coef(f)), se = unname(sqrt(diag(f$var))), conf = unname(confint(f)), p = unname(summary(f)$coefficients[, 5]),
    adjusted = unname(coef(g)), adjusted_se = unname(sqrt(diag(g$var))), loglik = f$loglik)
}
cloning <- function(name, grace) {
  d <- data_set(name); d$id <- seq_len(nrow(d)); s <- started(d)
  s[!is.na(s) & s >= d$time] <- NA
  early <- !is.na(s) & s <= grace
  wait <- d; wait$stop <- ifelse(early, s, d$time); wait$happened <- ifelse(early, 0, d$event)
  wait$model_time <- pmin(wait$stop, grace); wait$left <- as.integer(early)
  f <- coxph(Surv(model_time, left) ~ x1 + x2, wait, ties = "breslow", control = control)
  b <- basehaz(f, centered = FALSE); lp <- as.vector(as.matrix(wait[, c("x1", "x2")]) %*% coef(f))
  cuts <- sort(unique(s[early]))
  w <- survSplit(Surv(stop, happened) ~ ., wait, cut = cuts, episode = "piece")
  H <- sapply(w$tstart, function(t) { k <- which(b$time <= t); if (length(k)) b$hazard[max(k)] else 0 })
  w$w <- exp(H * exp(lp[w$id])); w$strategy <- 0
  begin <- d; begin$stop <- ifelse(early, d$time, pmin(d$time, grace)); begin$happened <- ifelse(early | d$time <= grace, d$event, 0)
  begin$kept <- as.integer(early); late <- d$time > grace
  g <- glm(kept ~ x1 + x2, binomial, begin[late, ], control = glm.control(epsilon = 1e-14, maxit = 100))
  prob <- rep(1, nrow(d)); prob[late] <- fitted(g)
  v <- survSplit(Surv(stop, happened) ~ ., begin, cut = grace, episode = "piece")
  v$w <- ifelse(v$tstart >= grace, 1 / prob[v$id], 1); v$strategy <- 1
  keep <- c("id", "strategy", "tstart", "stop", "happened", "w")
  a <- rbind(w[, keep], v[, keep])
  fit <- coxph(Surv(tstart, stop, happened) ~ strategy, a, weights = w, cluster = id, control = control)
  km <- survfit(Surv(tstart, stop, happened) ~ strategy, a, weights = w)
  list(rows = nrow(a), weight_sum = tapply(a$w, a$strategy, sum)[c("0", "1")], weight_max = tapply(a$w, a$strategy, max)[c("0", "1")],
    coef = unname(coef(fit)), robust_se = unname(sqrt(diag(fit$var))), conf = unname(confint(fit)),
    survival = summary(km, times = 300)$surv)
}
rates <- list(); for (x in list(c(0, 12.5), c(1, 40), c(7, 310.25), c(32, 150))) { r <- poisson.test(x[1], x[2] / 100); rates[[length(rates) + 1]] <- list(x = x[1], t = x[2], estimate = unname(r$estimate), conf = as.numeric(r$conf.int)) }
ratios <- list(); for (x in list(c(3, 9, 40, 62.5), c(0, 4, 10, 30), c(12, 5, 100, 90), c(20, 20, 55, 41))) { r <- poisson.test(x[1:2], x[3:4]); ratios[[length(ratios) + 1]] <- list(x = x, ratio = unname(r$estimate), conf = as.numeric(r$conf.int), p = r$p.value) }
p <- c(0.04, 0.001, 0.5, 0.013, 0.2, 0.013)
save_json(list(switching = lapply(setNames(nm = c("lung", "veteran")), switching),
  cloning = list(lung = cloning("lung", 120), veteran = cloning("veteran", 60)), rates = rates, ratios = ratios,
  holm = list(p = p, adjusted = p.adjust(p, "holm"))), "time_zero")
