# Rscript incidence.R, in this folder: cumulative incidence, Gray's test, Fine-Gray, restricted mean
source("common.R"); suppressPackageStartupMessages(library(cmprsk))
curves <- function(f, at) { tp <- timepoints(f, at); list(tests = if (is.null(f$Tests)) NULL else unname(f$Tests), est = unname(tp$est), var = unname(tp$var), names = rownames(tp$est)) }
regression <- function(f) list(coef = unname(f$coef), se = unname(sqrt(diag(f$var))), loglik = f$loglik, null = f$loglik.null, hazard = head(f$bfitj, 30), converged = f$converged)
mean_to <- function(d, tau) { m <- summary(survfit(Surv(time, event) ~ group, d), rmean = tau)$table; list(tau = tau, mean = unname(m[, "rmean"]), se = unname(m[, grep("se\\(rmean\\)", colnames(m))])) }
sets <- list(pbc = data_set("pbc"), pbc_months = transform(data_set("pbc"), time = floor(time / 60)))
co <- cohort(); co$group <- co$treat; co$stratum <- co$x6 + 2 * co$x7; sets$cohort <- co; sets$cohort_months <- transform(co, time = floor(time / 30) + 1)
out <- lapply(sets, function(d) { at <- unname(quantile(d$time, c(.05, .2, .5, .8, .95))); X <- covariates(d)
  list(at = at, group = curves(cuminc(d$time, d$cause, d$group), at), stratum = curves(cuminc(d$time, d$cause, d$stratum), at), rho = curves(cuminc(d$time, d$cause, d$stratum, rho = 1), at)$tests,
    strata = unname(cuminc(d$time, d$cause, d$group, d$stratum)$Tests), one = curves(cuminc(d$time, d$cause), at),
    crr = regression(crr(d$time, d$cause, X, gtol = 1e-11, maxiter = 30)), crr2 = regression(crr(d$time, d$cause, X, failcode = 2, gtol = 1e-11, maxiter = 30)),
    predict = { f <- crr(d$time, d$cause, X, gtol = 1e-11, maxiter = 30); p <- predict(f, X[3, ]); list(time = head(p[, 1], 20), incidence = head(p[, 2], 20)) }) })
out$rmst <- lapply(setNames(nm = names_all), function(n) { d <- data_set(n); mean_to(d, round(min(tapply(d$time, d$group, max)) * .8)) })
tb <- list(left = c(0, 1, 2, 3, 1, 4, 0, 6, 5, 2), right = c(2, 3, 5, Inf, 4, 7, 1, 8, 9, Inf))
f <- survfit(Surv(tb$left, ifelse(is.infinite(tb$right), NA, tb$right), type = "interval2") ~ 1)
out$turnbull <- list(left = tb$left, right = ifelse(is.infinite(tb$right), NA, tb$right), time = f$time, survival = f$surv)

# Weighted curves with delayed entry: survfit's Aalen-Johansen estimate with its infinitesimal jackknife
weighted <- lapply(setNames(nm = c("pbc", "pbc_months")), function(n) { d <- data_set("pbc"); if (n == "pbc_months") { d$time <- floor(d$time / 60) + 1; d$entry <- floor(d$entry / 60) }
  d$state <- factor(d$cause, 0:2); d$id <- seq_len(nrow(d)); i <- function(f) { at <- unique(round(seq(1, length(f$time), length.out = 30))); list(place = at, time = f$time[at], est = f$pstate[at, 2:3], se = f$std.err[at, 2:3]) }
  list(weight = i(survfit(Surv(time, state) ~ 1, d, weights = weight, id = id)), entry = i(survfit(Surv(entry, time, state) ~ 1, d, weights = weight, id = id))) })
out$weighted <- weighted

# Weighted Fine-Gray by finegray() and coxph() on untied times: with ties finegray() and crr() differ by their conventions
d <- data_set("pbc"); d$time <- d$time + (seq_len(nrow(d)) %% 997) / 1000; d$state <- factor(d$cause, 0:2); d$id <- seq_len(nrow(d))
fg <- finegray(Surv(time, state) ~ ., d[, c("time", "state", "x1", "x2", "x3", "id", "weight")], etype = "1")
f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2 + x3, fg, weights = fgwt * weight, ties = "breslow", cluster = id, control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
out$weighted_fine_gray <- list(coef = unname(coef(f)), se = unname(sqrt(diag(f$var))))
save_json(out, "incidence", c("survival", "cmprsk"))
