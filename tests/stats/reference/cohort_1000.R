# Exact answers of R for the synthetic cohort of 1,000 (and 10,000), 15 significant digits; cohort_1000.json holds the parts that the tests read.
# Usage: Rscript cohort_1000.R DATADIR OUTDIR     (needs MatchIt >= 4.5.4; 4.5.1-4.5.3 ignore calipers, issue #163)
a <- commandArgs(TRUE)
suppressPackageStartupMessages({library(survival); library(MatchIt); library(jsonlite)})
stopifnot(packageVersion("MatchIt") >= "4.5.4")
xs <- paste0("x", 1:10); cov10 <- c("treat", xs[1:9])
f_ps <- reformulate(xs, "treat"); f_cox <- reformulate(cov10, "Surv(time, event)")
tt <- c(365, 730, 1095)
nl <- function(v) as.list(v)
cx <- function(m) { s <- summary(m); o <- list(n = m$n, nevent = m$nevent, loglik_null = m$loglik[1], loglik = m$loglik[2], iter = m$iter,
  coef = nl(coef(m)), se = nl(sqrt(diag(if (is.null(m$naive.var)) m$var else m$naive.var))),
  score_test = unname(m$score), wald_test = unname(m$wald.test), lr_test = 2 * diff(m$loglik)); names(o$se) <- names(o$coef)
  if (!is.null(m$naive.var)) { o$robust_se <- nl(sqrt(diag(m$var))); names(o$robust_se) <- names(o$coef); o$robust_score <- unname(m$rscore) }
  o$ci95_hr <- lapply(setNames(seq_along(coef(m)), names(coef(m))), function(i) unname(s$conf.int[i, 3:4])); o }
smd_pooled <- function(d, w) sapply(xs, function(v) { t1 <- d$treat == 1; m1 <- weighted.mean(d[[v]][t1], w[t1]); m0 <- weighted.mean(d[[v]][!t1], w[!t1])
  (m1 - m0) / sqrt((var(d[[v]][t1]) + var(d[[v]][!t1])) / 2) })
mt <- function(m, d) { mm <- m$match.matrix; pr <- do.call(rbind, lapply(seq_len(ncol(mm)), function(j) { k <- !is.na(mm[, j])
    cbind(as.integer(rownames(mm)[k]), as.integer(mm[k, j]), j) })); pr <- pr[order(pr[, 1], pr[, 3]), , drop = FALSE]; s <- summary(m)
  list(caliper_abs = unname(m$caliper), n_pairs_rows = nrow(pr), n_treated_matched = length(unique(pr[, 1])), treated_id = pr[, 1], control_id = pr[, 2],
    rank = if (ncol(mm) > 1) pr[, 3] else NULL, smd_all_treatedSD = nl(s$sum.all[, "Std. Mean Diff."]), smd_matched_treatedSD = nl(s$sum.matched[, "Std. Mean Diff."]),
    var_ratio_matched = nl(s$sum.matched[, "Var. Ratio"]), ecdf_mean_matched = nl(s$sum.matched[, "eCDF Mean"]),
    smd_all_pooledSD = nl(smd_pooled(d, rep(1, nrow(d)))), smd_matched_pooledSD_of_full_sample = nl(smd_pooled(d, m$weights)),
    control_weight_sum = sum(m$weights[d$treat == 0]), ess_control_matched = sum(m$weights[d$treat == 0])^2 / sum(m$weights[d$treat == 0]^2)) }
for (n in c(1000, 10000)) {
  d <- as.data.frame(data.table::fread(file.path(a[1], paste0("cohort_", n, ".csv")), nThread = 1)); d$time <- as.numeric(d$time)
  rownames(d) <- d$id; o <- list(n = n, R = R.version.string, survival = as.character(packageVersion("survival")), MatchIt = as.character(packageVersion("MatchIt")), cmprsk = as.character(packageVersion("cmprsk")))
  g <- glm(f_ps, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 50)); lp <- g$linear.predictors
  o$glm_logit <- list(formula = deparse1(f_ps), coef = nl(coef(g)), se = nl(sqrt(diag(vcov(g)))), deviance = deviance(g), null_deviance = g$null.deviance, loglik = as.numeric(logLik(g)),
    sd_logit_n_minus_1 = sd(lp), logit_first5 = unname(lp[1:5]), ps_first5 = unname(fitted(g)[1:5]))
  M <- function(...) suppressWarnings(matchit(f_ps, d, method = "nearest", distance = lp, caliper = .2, std.caliper = TRUE, ...))
  m1 <- M(m.order = "largest"); o$match_1to1_largest <- mt(m1, d)
  o$match_1to1_closest <- mt(M(m.order = "closest"), d); o$match_1to1_smallest <- mt(M(m.order = "smallest"), d); o$match_1to1_data <- mt(M(m.order = "data"), d)
  m4 <- M(m.order = "largest", ratio = 4); o$match_1to4_largest <- mt(m4, d)
  set.seed(1); mr <- suppressWarnings(matchit(f_ps, d, method = "nearest", distance = lp, caliper = .2, m.order = "largest", replace = TRUE)); o$match_1to1_replace <- mt(mr, d)
  # Cox on the whole cohort
  ctl <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
  ce <- coxph(f_cox, d, ties = "efron", control = ctl); o$cox_efron <- cx(ce); o$cox_breslow <- cx(coxph(f_cox, d, ties = "breslow", control = ctl))
  o$cox_efron_robust_by_row <- cx(coxph(f_cox, d, ties = "efron", robust = TRUE, control = ctl))
  cc <- concordance(ce); o$concordance_efron <- list(C = unname(cc$concordance), se = sqrt(unname(cc$var)))
  z <- cox.zph(ce)$table; o$cox_zph_km <- list(chisq = nl(z[, "chisq"]), p = nl(z[, "p"]))
  bh <- basehaz(ce, centered = FALSE); o$cox_efron_basehaz_x0 <- list(times = tt, cumhaz = sapply(tt, function(t) bh$hazard[max(which(bh$time <= t))]))
  d$w <- ifelse(d$treat == 1, 1 / plogis(lp), 1 / (1 - plogis(lp)))
  o$cox_iptw_ate_treat_only_robust <- cx(coxph(Surv(time, event) ~ treat, d, weights = w, robust = TRUE, control = ctl))
  o$cox_stratified_x6_efron <- cx(coxph(reformulate(c(setdiff(cov10, "x6"), "strata(x6)"), "Surv(time, event)"), d, control = ctl))
  # Cox on the 1:1 matched sample
  md <- match.data(m1); o$cox_matched_treat_cluster_pair <- cx(coxph(Surv(time, event) ~ treat, md, robust = TRUE, cluster = subclass, control = ctl))
  o$cox_matched_treat_strata_pair <- cx(coxph(Surv(time, event) ~ treat + strata(subclass), md, control = ctl))
  # matched with weights 1:4
  md4 <- match.data(m4); o$cox_matched_1to4_weighted_cluster <- cx(coxph(Surv(time, event) ~ treat, md4, weights = weights, robust = TRUE, cluster = subclass, control = ctl))
  # log-rank
  lr <- function(...) { s <- survdiff(...); list(chisq = s$chisq, p = pchisq(s$chisq, length(s$n) - 1, lower.tail = FALSE), obs = c(rowSums(as.matrix(s$obs))), exp = c(rowSums(as.matrix(s$exp))), var11 = s$var[1, 1]) }
  o$logrank <- lr(Surv(time, event) ~ treat, d); o$peto_peto_rho1 <- lr(Surv(time, event) ~ treat, d, rho = 1); o$logrank_strata_x6 <- lr(Surv(time, event) ~ treat + strata(x6), d)
  o$logrank_matched <- lr(Surv(time, event) ~ treat, md)
  # KM
  o$km <- lapply(setNames(nm = c("plain", "log", "log-log", "logit", "arcsin")), function(ct) { s <- survfit(Surv(time, event) ~ treat, d, conf.type = ct); q <- quantile(s, c(.25, .5, .75)); x <- summary(s, times = tt, extend = TRUE)
    lapply(setNames(1:2, c("treat0", "treat1")), function(i) { k <- as.integer(x$strata) == i; list(median = unname(q$quantile[i, 2]), median_ci = unname(c(q$lower[i, 2], q$upper[i, 2])), q25 = unname(q$quantile[i, 1]), q75 = unname(q$quantile[i, 3]),
      times = tt, surv = x$surv[k], std_err = x$std.err[k], lower = x$lower[k], upper = x$upper[k], n_risk = x$n.risk[k], n_event_cum = cumsum(x$n.event[k])) }) })
  s <- survfit(Surv(time, event) ~ treat, d); r <- summary(s, rmean = 1095)$table
  o$rmst_tau1095 <- list(rmst = unname(r[, "rmean"]), se = unname(r[, "se(rmean)"]), note = "survival:::survmean; arm 0 then arm 1")
  sw <- survfit(Surv(time, event) ~ treat, d, weights = w, robust = TRUE, id = id); x <- summary(sw, times = tt); o$km_iptw_robust <- list(times = tt, strata = as.character(x$strata), surv = x$surv, std_err = x$std.err)
  # competing risks
  ci <- cmprsk::cuminc(d$time, d$etype, d$treat); tp <- cmprsk::timepoints(ci, tt); o$cuminc <- list(times = tt, groups = rownames(tp$est), est = lapply(seq_len(nrow(tp$est)), function(i) unname(tp$est[i, ])), var = lapply(seq_len(nrow(tp$var)), function(i) unname(tp$var[i, ])), gray_stat = unname(ci$Tests[, "stat"]), gray_p = unname(ci$Tests[, "pv"]))
  cr <- cmprsk::crr(d$time, d$etype, as.matrix(d[cov10]), gtol = 1e-10); o$crr_etype1 <- list(coef = nl(cr$coef), se = nl(setNames(sqrt(diag(cr$var)), cov10)), loglik = cr$loglik, loglik_null = cr$loglik.null)
  write_json(o, file.path(a[2], paste0("reference_n", n, ".json")), digits = NA, auto_unbox = TRUE, null = "null", na = "null")
  cat("done", n, "\n")
}
