# ---- Functions: each puts numbers under the keys of results.csv. R (>= 4.0) with the package survival, nothing else.
library(survival)
results <- list(); over_imputations <- FALSE; z_level <- qnorm(1 - (1 - conf_level) / 2)
put <- function(key, value, low = NA, high = NA) if (!(key %in% skipped)) results[[key]] <<- c(as.numeric(value), as.numeric(low), as.numeric(high))
slug <- function(text) {
  for (s in list(c("\u2264", "le"), c("\u2265", "ge"), c("<=", "le"), c(">=", "ge"), c(">", "gt"), c("<", "lt")))
    text <- gsub(s[1], s[2], text, fixed = TRUE)
  tolower(gsub("^_+|_+$", "", gsub("[^0-9A-Za-z_-]+", "_", trimws(text))))
}
k <- function(...) {
  parts <- c(...); parts <- parts[nzchar(parts)]; if (over_imputations && parts[1] %in% c("survival", "effect")) parts[4] <- paste0(parts[4], "_imputed")
  texts <- paste(parts, collapse = "\t")
  if (texts %in% names(named_keys)) named_keys[[texts]] else paste(vapply(parts, slug, ""), collapse = ".")
}
control <- suppressWarnings(coxph.control(eps = 1e-13, iter.max = 200))
cox <- function(formula, data, ...) {  # fitted, then once more from where it stopped: coxph stops on the likelihood, not on the estimate
  call <- match.call(); call[[1]] <- quote(coxph); call$ties <- ties; call$control <- control
  fit <- suppressWarnings(eval(call, parent.frame()))  # it warns of a coefficient that runs away, which put_hr leaves out
  if (anyNA(coef(fit))) return(fit)
  call$init <- coef(fit)
  suppressWarnings(eval(call, parent.frame()))
}
of_design <- function(formula, data, pair_column) {  # with the variance of the design: robust with weights, clustered on pairs
  if (!is.null(data$.w)) return(cox(formula, data, weights = .w, cluster = .set))
  if (pair_column == "") return(cox(formula, data))
  data$pair <- data[[pair_column]]; cox(formula, data, cluster = pair)
}
kaplan_meier <- function(g, event = g$event) {  # with weights: infinitesimal jackknife, a patient being the unit
  if (is.null(g$.w)) return(survfit(Surv(g$time, event) ~ 1, conf.type = interval_type, conf.int = conf_level))
  survfit(Surv(g$time, event) ~ 1, weights = g$.w, robust = TRUE, id = g$.id, conf.type = interval_type, conf.int = conf_level)
}
read_set <- function(file, kinds) {  # a text that a spreadsheet would run as a formula stands behind an apostrophe in the file
  data <- read.csv(file, stringsAsFactors = FALSE, colClasses = kinds, na.strings = "")
  data[] <- lapply(data, function(x) if (is.character(x)) sub("^'(?='*\\s*[=+@\uff1d\uff0b\uff0d\uff20-]|\t|\r)", "", x, perl = TRUE) else x)
  data
}
in_group <- function(data, group) if (group == "total") rep(TRUE, nrow(data)) else data$arm == group
pairs_of <- function(data, column) {
  if (column == "" || !any(data[[column]] > 0)) return(NULL)
  data <- data[data[[column]] > 0, ]; data <- data[order(data[[column]]), ]
  list(focal = data[data$arm == focal, ], other = data[data$arm != focal, ])
}

# ---- Tests by the declared rule
put_p <- function(prefix, test) if (is.finite(test$p.value)) put(k(prefix, "p"), test$p.value)
mcnemar <- function(tab) {
  discordant <- tab[1, 2] + tab[2, 1]
  if (discordant > 0 && discordant < mcnemar_exact_below) binom.test(tab[1, 2], discordant) else mcnemar.test(tab, correct = mcnemar_correction)
}
signed_rank <- function(difference) {
  if (signed_rank_rule != "sas")
    return(suppressWarnings(wilcox.test(difference, exact = if (signed_rank_rule == "r") NULL else FALSE, correct = signed_rank_rule == "r")))
  difference <- difference[difference != 0]; ranks <- rank(abs(difference)); n <- length(ranks)
  if (n > 20) return(t.test(sign(difference) * ranks))  # PROC UNIVARIATE's t is that of the signed ranks
  ways <- 1  # sign patterns by twice the sum of the positive ranks
  for (r in round(2 * ranks)) ways <- c(ways, rep(0, r)) + c(rep(0, r), ways)
  at <- round(2 * sum(ranks[difference > 0])) + 1; ways <- ways / sum(ways)
  list(p.value = min(1, 2 * min(sum(ways[seq_len(at)]), sum(ways[at:length(ways)]))))
}
stuart_maxwell <- function(tab) {
  tab <- unclass(tab); d <- rowSums(tab) - colSums(tab); v <- diag(rowSums(tab) + colSums(tab)) - tab - t(tab)
  moved <- diag(v) > 0; if (!any(moved)) return(list(p.value = NA))  # no pair differs
  e <- eigen(cov2cor(v[moved, moved, drop = FALSE]), symmetric = TRUE); kept <- e$values > 1e-10 * e$values[1]
  along <- drop(crossprod(e$vectors[, kept, drop = FALSE], (d / sqrt(diag(v)))[moved]))
  list(p.value = pchisq(sum(along^2 / e$values[kept]), sum(kept), lower.tail = FALSE))
}
exact_or_simulated <- function(tab) tryCatch(fisher.test(tab, workspace = 2e7), error = function(e) {
  set.seed(1); fisher.test(tab, simulate.p.value = TRUE, B = 1e5)
})
cheap_table <- function(tab) {
  if (all(dim(tab) == 2)) return(sum(tab) <= 1e6)
  margins <- list(rowSums(tab), colSums(tab)); if (length(margins[[1]]) > length(margins[[2]])) margins <- rev(margins)
  spare <- length(margins[[1]]) - 1
  sum(lchoose(head(sort(margins[[2]]), -1) + spare, spare)) <= log(2e6)
}
category_tests <- function(prefix, code, arm, pair_codes = NULL) {
  if (length(arms) < 2) return(invisible())
  known <- !is.na(code); tab <- table(factor(arm[known], arms), code[known])
  tab <- tab[, colSums(tab) > 0, drop = FALSE]
  if (ncol(tab) < 2 || any(rowSums(tab) < 2)) return(invisible())
  pearson <- suppressWarnings(chisq.test(tab, correct = pearson_correction && all(dim(tab) == 2)))
  by_fisher <- categorical_rule == "fisher" || (categorical_rule != "pearson" && min(pearson$expected) < 5)
  fisher <- if ((by_fisher && is.null(pair_codes)) || cheap_table(tab)) exact_or_simulated(tab)
  chosen <- if (!is.null(pair_codes)) {
    both <- !is.na(pair_codes$focal) & !is.na(pair_codes$other); lv <- colnames(tab)
    pairs <- table(factor(pair_codes$focal[both], lv), factor(pair_codes$other[both], lv))
    if (ncol(tab) == 2) mcnemar(pairs) else stuart_maxwell(pairs)
  } else if (by_fisher) fisher else pearson
  if (!is.nan(chosen$p.value)) put(k(prefix, "p"), chosen$p.value) else if (ncol(tab) > 2) put(k(prefix, "p"), 1)  # McNemar's without a discordant pair is none
  put(k(prefix, "p_pearson"), pearson$p.value)
  if (!is.null(fisher)) put(k(prefix, "p_fisher"), fisher$p.value)
}
continuous_tests <- function(prefix, x, arm, pair_values = NULL) {
  if (length(arms) < 2) return(invisible())
  a <- x[arm == arms[1] & !is.na(x)]; b <- x[arm == arms[2] & !is.na(x)]
  if (length(a) < 2 || length(b) < 2) return(invisible())
  rank_test <- continuous_rule == "mann_whitney"
  unpaired <- if (rank_test) suppressWarnings(wilcox.test(a, b, exact = mann_whitney_exact, correct = mann_whitney_correction))
              else t.test(a, b, var.equal = pooled_t)
  chosen <- unpaired
  if (!is.null(pair_values)) {
    both <- !is.na(pair_values$focal) & !is.na(pair_values$other); if (sum(both) < 2) return(invisible())
    chosen <- if (rank_test) signed_rank(pair_values$focal[both] - pair_values$other[both])
              else t.test(pair_values$focal[both], pair_values$other[both], paired = TRUE)
  }
  put(k(prefix, "p"), chosen$p.value); put(k(prefix, "p_unpaired"), unpaired$p.value)
}

# ---- Baseline
spread <- function(x) if (all(x %in% c(0, 1))) mean(x) * (1 - mean(x)) else var(x)
smd <- function(x1, x0, r1 = x1, r0 = x0, denominator = "pooled") {
  if (min(length(x1), length(x0)) < 2) return(NA)
  scale <- if (denominator == "focal" && spread(r1) > 0) spread(r1) else if (denominator == "other" && spread(r0) > 0) spread(r0)
           else (spread(r1) + spread(r0)) / 2
  difference <- mean(x1) - mean(x0)
  if (scale == 0) { if (difference == 0) 0 else NA } else difference / sqrt(scale)
}
levels_distance <- function(x1, x0, r1, r0, levels, denominator = "pooled") {
  one <- function(x) as.numeric(x == levels[1])
  if (length(levels) <= 2) return(abs(smd(one(x1), one(x0), one(r1), one(r0), denominator)))
  if (min(length(x1), length(x0)) < 2 || !any(levels %in% r1 & levels %in% r0)) return(NA)
  share <- function(x) as.numeric(prop.table(table(factor(x, levels))))[-1]
  cover <- function(p) diag(p, length(p)) - outer(p, p)
  d <- share(x1) - share(x0); V <- (cover(share(r1)) + cover(share(r0))) / 2
  sqrt(drop(t(d) %*% solve(V) %*% d))
}
counts <- function(prefix, hit, n) {
  put(k(prefix, "n"), sum(hit)); if (n > 0) put(k(prefix, "percent"), 100 * sum(hit) / n)
}
baseline <- function(whole, data, design, pair_column, variable, kind, levels = NULL, balance = TRUE) {
  x <- data[[variable]]; prefix <- c("baseline", design, variable)
  for (group in c("total", arms)) {
    g <- in_group(data, group); put(k(prefix, group, "missing"), sum(is.na(x[g]))); v <- x[g & !is.na(x)]
    if (kind == "continuous") {
      put(k(prefix, group, "n"), length(v)); if (!length(v)) next
      q <- quantile(v, c(.25, .5, .75), type = quantile_type, names = FALSE)
      put(k(prefix, group, "q1"), q[1]); put(k(prefix, group, "median"), q[2]); put(k(prefix, group, "q3"), q[3])
      put(k(prefix, group, "mean"), mean(v)); if (length(v) > 1) put(k(prefix, group, "sd"), sd(v))
    } else if (kind == "binary") counts(c(prefix, group), v == 1, length(v))
    else for (level in levels) counts(c("baseline", design, variable, level, group), v == level, length(v))
  }
  pair <- if (paired_tests) pairs_of(data, pair_column)
  pair_values <- if (!is.null(pair)) list(focal = pair$focal[[variable]], other = pair$other[[variable]])
  if (kind == "continuous") continuous_tests(prefix, x, data$arm, pair_values)
  else category_tests(prefix, x, data$arm, pair_values)
  if (balance) balance_of(whole, data, prefix, variable, kind, levels)
}
largest_imbalance <- function(whole, data, design, variables) {
  pick <- function(d, v, is_focal) { x <- d[[v]][(d$arm == focal) == is_focal]; x[!is.na(x)] }
  found <- unlist(lapply(variables, function(v) {
    x1 <- pick(data, v, TRUE); x0 <- pick(data, v, FALSE); r1 <- pick(whole, v, TRUE); r0 <- pick(whole, v, FALSE); levels <- level_sets[[v]]
    if (is.null(levels)) return(smd(x1, x0, r1, r0, smd_denominator))
    c(levels_distance(x1, x0, r1, r0, levels[levels %in% c(r1, r0)], smd_denominator),
      sapply(levels, function(l) smd(as.numeric(x1 == l), as.numeric(x0 == l), as.numeric(r1 == l), as.numeric(r0 == l), smd_denominator)))
  }))
  put(k("design", design, "max_abs_smd", "value"), max(abs(found)))
}
without_score <- function(whole, design, variables) {  # who has none and why; TRUE for them
  missing <- !complete.cases(score_terms(whole, variables)); apart <- whole[[paste0("counterpart_", design)]]
  apart <- if (is.null(apart)) rep(FALSE, nrow(whole)) else apart == 0
  put(k("design", design, "missing_score", "value"), sum(missing)); put(k("design", design, "no_counterpart", "value"), sum(apart))
  left <- function(arm, reason, hit) put(k("design", design, "left_out", reason, arm, "n"), sum(hit & whole$arm == arm))
  for (arm in arms) {
    left(arm, "missing_covariate", missing); left(arm, "no_counterpart", apart)
    for (v in variables) {
      n <- sum(is.na(whole[[v]]) & whole$arm == arm); if (n) put(k("design", design, "missing_covariate", v, arm, "n"), n)
    }
  }
  missing | apart
}
match_facts <- function(whole, data, design, variables, caliper) {  # of the pairs, or the weights of matched sets, as given
  fact <- function(name, value) put(k("design", design, name, "value"), value)
  is_focal <- whole$arm == focal; pairs <- whole[[paste0("pair_", design)]]; weight <- whole[[paste0("weight_", design)]]
  paired <- if (!is.null(pairs)) pairs else if (is.null(weight)) rep(0, nrow(whole)) else as.integer(!is.na(weight))
  if (is.null(weight)) fact("pairs", max(paired)); fact("unmatched_focal", sum(is_focal & paired == 0)); fact("unmatched_other", sum(!is_focal & paired == 0))
  lost <- without_score(whole, design, variables)
  for (arm in arms) put(k("design", design, "left_out", if (arm == focal) "no_partner" else "not_chosen", arm, "n"), sum(!lost & paired == 0 & whole$arm == arm))
  if (is.null(caliper)) return(invisible())
  fact("caliper", caliper * results[[k("design", design, "score_sd", "value")]][1]); fact("caliper_pooled", caliper * results[[k("design", design, "score_sd_pooled", "value")]][1])
}
covariate_caliper <- function(whole, design, variable, width, in_sd) {  # the largest difference within a pair
  v <- whole[[variable]]; is_focal <- whole$arm == focal; spread <- 1
  if (in_sd) spread <- if (caliper_sd == "pooled") sqrt((var(v[is_focal], na.rm = TRUE) + var(v[!is_focal], na.rm = TRUE)) / 2) else sd(v, na.rm = TRUE)
  put(k("design", design, "covariate_caliper", variable, "value"), width * spread)
}
balance_of <- function(whole, data, prefix, variable, kind, levels) {
  pick <- function(d, is_focal) { v <- d[[variable]][(d$arm == focal) == is_focal]; v[!is.na(v)] }
  x1 <- pick(data, TRUE); x0 <- pick(data, FALSE); r1 <- pick(whole, TRUE); r0 <- pick(whole, FALSE)
  one <- function(prefix, f) {
    put(k(prefix, "smd"), smd(f(x1), f(x0), f(r1), f(r0), smd_denominator)); put(k(prefix, "smd_within"), smd(f(x1), f(x0)))
  }
  if (kind != "categorical") {
    one(prefix, identity)
    if (kind == "continuous") put(k(prefix, "variance_ratio"), var(x1) / var(x0))
  } else {
    present <- levels[levels %in% c(r1, r0)]
    put(k(prefix, "smd"), levels_distance(x1, x0, r1, r0, present, smd_denominator))
    within <- levels[levels %in% c(x1, x0)]
    put(k(prefix, "smd_within"), levels_distance(x1, x0, x1, x0, within))
    for (level in levels) one(c(prefix, level), function(v) as.numeric(v == level))
  }
}

# ---- Survival
median_of <- function(fit) {
  if (median_rule == "r") { q <- quantile(fit, 0.5); return(c(q$quantile, q$lower, q$upper)) }
  one <- function(curve) {  # first time below one half; midpoint with the next event where the curve rests at one half
    tol <- sqrt(.Machine$double.eps); event <- fit$n.event > 0; below <- which(curve < 0.5 - tol)
    at <- which(abs(curve - 0.5) <= tol & event)
    if (length(at) && length(below)) return((fit$time[at[1]] + fit$time[below[1]]) / 2)
    if (length(below)) fit$time[below[1]] else NA
  }
  c(one(fit$surv), one(fit$lower), one(fit$upper))
}
curves <- function(data, endpoint, design, population) {
  for (group in arms) {
    g <- data[data$arm == group, ]; if (!nrow(g)) next
    fit <- kaplan_meier(g)
    prefix <- c("survival", endpoint, design, "kaplan_meier", population)
    m <- median_of(fit); put(k(prefix, group, "median"), m[1], m[2], m[3]); put(k(prefix, group, "events"), sum(g$event))
    for (i in seq_along(landmarks)) if (landmarks[i] <= max(g$time)) {
      s <- summary(fit, times = landmarks[i])
      put(k(prefix, names(landmarks)[i], group, "survival"), s$surv, s$lower, s$upper)
    }
    patients_at_risk(g, prefix, group, risk_times[[endpoint]])
  }
}
at_risk_at <- function(time, days) sapply(days, function(t) sum(time >= t - 1e-8 * max(1, t)))  # summary.survfit counts others where nobody has the event
patients_at_risk <- function(g, prefix, group, times) {  # below the axis of a figure; of weights also what the patients are worth
  n <- at_risk_at(g$time, times)
  for (i in seq_along(times)) {
    put(k(prefix, names(times)[i], group, "at_risk"), n[i])
    w <- g$.w[g$time >= times[i]]
    if (!is.null(g$.w)) put(k(prefix, names(times)[i], group, "effective_at_risk"), if (length(w)) sum(w)^2 / sum(w^2) else 0)
  }
}
# Without any spread, where survdiff stops, the statistic is 0 and there is no P.
logrank_test <- function(data) {
  test <- tryCatch(survdiff(Surv(time, event) ~ group, data), error = function(e) list(chisq = 0, exp = 0)); df <- sum(test$exp > 0) - 1
  list(chisq = test$chisq, p = if (df > 0) pchisq(test$chisq, df, lower.tail = FALSE) else NA)
}
log_rank <- function(data, prefix) {
  if (!is.null(data$.w) || length(unique(data$arm)) < 2 || !sum(data$event)) return(invisible())
  data$group <- data$arm; test <- logrank_test(data); put(k(prefix, "chi2"), test$chisq); put(k(prefix, "p"), test$p)
}
follow_up <- function(data, endpoint, design) for (group in c("total", arms)) {
  g <- data[in_group(data, group), ]; if (!nrow(g)) next
  prefix <- c("survival", endpoint, design); put(k(prefix, "event_count", group, "events"), sum(g$event))
  if (!is.null(g$.w) && group == "total") next
  q <- if (is.null(g$.w)) quantile(g$time, c(.25, .5, .75), type = quantile_type, names = FALSE) else weighted_quantile(g$time, g$.w, c(.25, .5, .75))
  for (i in 1:3) put(k(prefix, "observed_time", group, c("q1", "median", "q3")[i]), q[i])
  m <- median_of(kaplan_meier(g, 1 - g$event))
  put(k(prefix, "follow_up", group, "median"), m[1], m[2], m[3])
  put(k(prefix, "event_count", group, "percent"), 100 * if (is.null(g$.w)) mean(g$event) else weighted.mean(g$event, g$.w))
  if (is.null(g$.w)) for (s in unique(data$source)) put(k(prefix, "decided_by", s, group, "n"), sum(g$source == s))
}
runaway <- function(fit) {  # a coefficient without a finite estimate: its model-based standard error has no bound
  V <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  se <- sqrt(diag(V)); is.na(coef(fit)) | se == 0 | se > 100 | sqrt(diag(fit$var)) < 1e-8 * se  # 0: coxph gives it up as singular, or nobody moves it
}
# A test of proportional hazards without any spread, where cox.zph stops, has P 1.
put_ph <- function(prefix, fit) put(k(prefix, "p"), tryCatch(cox.zph(fit)$table["GLOBAL", "p"], error = function(e) 1))
put_hr <- function(prefix, fit, i, suffix = "") {
  if (runaway(fit)[i]) return(invisible())
  V <- vcov(fit); b <- coef(fit)[i]; se <- sqrt(V[i, i]); z <- z_level
  put(k(prefix, suffix, "hr"), exp(b), exp(b - z * se), exp(b + z * se)); put(k(prefix, suffix, "p"), 2 * pnorm(-abs(b / se)))
}
treatment_effect <- function(data, endpoint, design, population, pair_column) {
  data$treated <- as.numeric(data$arm == compared)
  if (!sum(data$event) || length(unique(data$treated)) < 2) return(invisible())
  contrast <- paste0(compared, "-vs-", reference); prefix <- c("survival", endpoint, design)
  plain <- cox(Surv(time, event) ~ treated, data)
  fit <- of_design(Surv(time, event) ~ treated, data, pair_column)
  if (pair_column != "") {
    data$pair <- data[[pair_column]]
    if (population == "") put_hr(c(prefix, "cox_pair_stratified", contrast),
      cox(Surv(time, event) ~ treated + strata(pair), data), 1)
  }
  put_hr(c(prefix, "cox", population, contrast), fit, 1)
  if (!is.null(data$.class) && population == "") put_hr(c(prefix, "cox_class_stratified", contrast), cox(Surv(time, event) ~ treated + strata(.class), data), 1)
  if (!is.null(data$.w)) return(invisible())
  if (any(table(data$arm) < 5) || any(tapply(data$event, data$arm, sum) == 0)) {
    penalty <- firth_cox(Surv(data$time, data$event), cbind(treated = data$treated), ties, 1); key <- c(prefix, "cox_firth", population, contrast)
    put(k(key, "hr"), exp(penalty$coef[1]), exp(penalty$low[1]), exp(penalty$high[1])); put(k(key, "p"), penalty$p[1])
  }
  if (!runaway(fit)[1]) put_ph(c(prefix, "ph_test", population, "treatment"), plain)
}
reading <- function(data, endpoint, design, variant, pair_column) {  # an alternative definition of the endpoint
  prefix <- c("sensitivity", endpoint, design, variant); data$treated <- as.numeric(data$arm == compared)
  for (group in arms) {
    g <- data[data$arm == group, ]; if (!nrow(g)) next
    m <- median_of(kaplan_meier(g))
    put(k(prefix, group, "median"), m[1], m[2], m[3]); put(k(prefix, group, "events"), sum(g$event))
  }
  if (!sum(data$event) || length(unique(data$treated)) < 2) return(invisible())
  fit <- of_design(Surv(time, event) ~ treated, data, pair_column)
  put_hr(c(prefix, paste0(compared, "-vs-", reference)), fit, 1)
}
late_exclusion <- function(data, endpoint, design, pair_column, name, day) for (analysis in c("naive", "landmark")) {
  data$treated <- as.numeric(data$arm == compared); data$time <- data[[paste0(endpoint, "_time")]]; data$event <- data[[paste0(endpoint, "_event")]]
  d <- if (analysis == "naive") data else { d <- data[data$time > day, ]; d$time <- d$time - day; d }
  if (!sum(d$event) || length(unique(d$treated)) < 2) next
  fit <- of_design(Surv(time, event) ~ treated, d, pair_column)
  put_hr(c("time_zero", endpoint, design, analysis, name, paste0(compared, "-vs-", reference)), fit, 1)
}
terms_of <- function(data, variables) {  # indicator columns against the first level; names are the keys of the terms
  out <- list()
  for (v in variables) {
    if (v == "treatment") out[[v]] <- as.numeric(data$arm == compared)
    else if (is.null(level_sets[[v]])) out[[v]] <- data[[v]]
    else for (level in level_sets[[v]][-1]) out[[paste(v, level, sep = "\r")]] <- as.numeric(data[[v]] == level)
  }
  do.call(cbind, out)
}
variable_of <- function(term) sub("\r.*", "", term)
# Where a reference level has no event, the first level with one takes its place: the same model, whose other numbers R can find.
other_reference <- function(d, X) {
  lost <- rep(FALSE, ncol(X)); base <- rep(NA, ncol(X))
  for (v in unique(variable_of(colnames(X)))) {
    own <- which(variable_of(colnames(X)) == v); first <- rowSums(X[, own, drop = FALSE]) == 0
    with_events <- own[vapply(own, function(i) sum(d$event[X[, i] == 1]) > 0, TRUE)]
    if (!all(X[, own] %in% c(0, 1)) || !any(first) || sum(d$event[first]) || !length(with_events)) next
    X[, with_events[1]] <- as.numeric(first); lost[own] <- TRUE; base[own] <- with_events[1]
  }
  list(X = X, lost = lost, base = base)
}
in_steps <- function(X) {  # continuous columns in the steps for which their hazard ratio is printed
  for (v in intersect(names(steps), colnames(X))) X[, v] <- X[, v] / steps[[v]]
  X
}
predictors <- function(data, endpoint, variables, analysis) {
  X <- in_steps(terms_of(data, variables)); keep <- complete.cases(X); X <- X[keep, , drop = FALSE]; d <- data[keep, ]
  if (!sum(d$event)) return(invisible())
  changed <- other_reference(d, X); lost <- changed$lost
  fit <- suppressWarnings(cox(Surv(d$time, d$event) ~ changed$X)); prefix <- c("survival", endpoint, "unadjusted", analysis)
  level_of <- function(i) sub(".*\r", "", colnames(X)[i])
  for (i in seq_len(ncol(X))) if (!lost[i]) put_hr(c(prefix, strsplit(colnames(X)[i], "\r")[[1]]), fit, i)
  for (i in which(lost)) if (i != changed$base[i]) put_hr(c("survival", endpoint, "unadjusted", paste0(analysis, "_contrast"),
    variable_of(colnames(X)[i]), level_of(i), paste0(level_of(i), "-vs-", level_of(changed$base[i]))), fit, i)
  varied <- X[, apply(X, 2, function(x) any(x != x[1])), drop = FALSE]  # a constant column has no estimate
  sparse <- which(vapply(colnames(varied), function(term) {  # a level, or the reference level, of fewer than 5 patients or without an event
    x <- varied[, term]; if (!all(x %in% c(0, 1))) return(FALSE)
    own <- variable_of(colnames(X)) == variable_of(term); sides <- list(x == 1, rowSums(X[, own, drop = FALSE]) == 0)
    n <- vapply(sides, sum, 1); events <- vapply(sides, function(side) sum(d$event[side]), 1)
    all(n > 0) && (any(n < 5) || any(events == 0))
  }, TRUE))
  if (length(sparse)) {
    penalty <- firth_cox(Surv(d$time, d$event), varied, ties, sparse); prefix_of <- function(i) c("survival", endpoint, "unadjusted", paste0(analysis, "_firth"), strsplit(colnames(varied)[i], "\r")[[1]])
    for (i in sparse) {
      put(k(prefix_of(i), "hr"), exp(penalty$coef[i]), exp(penalty$low[i]), exp(penalty$high[i])); put(k(prefix_of(i), "p"), penalty$p[i])
    }
  }
  if (analysis == "cox_multivariable") {
    put(k(prefix, "events_per_variable"), sum(d$event) / ncol(X))
    if (!any(lost | runaway(fit))) put_ph(c("survival", endpoint, "unadjusted", "cox_multivariable_ph_test", "all"), fit)
    if ("treatment" %in% variables && sum(keep) < nrow(data) && length(unique(d$arm)) == 2) {
      d$treated <- as.numeric(d$arm == compared)
      put_hr(c("survival", endpoint, "unadjusted", "cox_complete_cases", paste0(compared, "-vs-", reference)), cox(Surv(time, event) ~ treated, d), 1)
    }
  } else {
    p <- ifelse(lost | runaway(fit), NA, 2 * pnorm(-abs(coef(fit) / sqrt(diag(vcov(fit))))))
    put(k("survival", endpoint, "unadjusted", "screening", variables, "selected"), as.numeric(any(p < alpha, na.rm = TRUE)))
  }
}
subgroup <- function(data, endpoint, design, pair_column, name, levels) {
  code <- data[[paste0("subgroup_", name)]]
  for (level in levels) {
    part <- data[!is.na(code) & code == level, ]; if (!nrow(part)) next; population <- paste(name, level)
    curves(part, endpoint, design, population)
    log_rank(part, c("survival", endpoint, design, "logrank", population))
    treatment_effect(part, endpoint, design, population, pair_column)
  }
  if (length(arms) < 2) return(invisible())
  known <- data[!is.na(code), ]; known$code <- factor(code[!is.na(code)], levels)
  for (group in arms) {
    g <- known[known$arm == group, ]; if (!sum(g$event) || length(unique(g$code)) < 2) next
    g$group <- g$code; if (is.null(g$.w)) put(k("survival", endpoint, design, "levels_logrank", name, group, "p"), logrank_test(g)$p)
    if (length(levels) == 2) {
      g$first <- as.numeric(g$code == levels[1]); fit <- of_design(Surv(time, event) ~ first, g, ""); z <- z_level; se <- sqrt(vcov(fit)[1])
      if (!runaway(fit)[1]) put(k("survival", endpoint, design, "levels_cox", name, paste0(levels[1], "-vs-", levels[2]), group, "hr"),
          exp(coef(fit)), exp(coef(fit) - z * se), exp(coef(fit) + z * se))
    }
  }
  known$treated <- as.numeric(known$arm == compared)
  others <- sapply(levels[-1], function(l) as.numeric(known$code == l)); X <- cbind(known$treated, others, known$treated * others)
  if (!sum(known$event)) return(invisible())
  fit <- of_design(Surv(time, event) ~ X, known, pair_column)
  if (any(runaway(fit))) return(invisible())
  last <- (ncol(X) - length(levels) + 2):ncol(X); b <- coef(fit)[last]; V <- vcov(fit)[last, last, drop = FALSE]
  put(k("survival", endpoint, design, "interaction", name, "p"), pchisq(drop(t(b) %*% solve(V) %*% b), length(last), lower.tail = FALSE))
}

# ---- Response, safety, propensity
rate <- function(data, prefix, hit, pair_column, intervals = FALSE, groups = arms) {
  if (!is.null(data$.w)) return(weighted_rate(data, prefix, hit, intervals))
  for (group in groups) {
    g <- in_group(data, group); n <- sum(g); x <- sum(hit[g]); put(k(prefix, group, "n"), x); if (!n) next
    ci <- c(NA, NA)
    if (intervals) ci <- 100 * (if (wilson) suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = conf_level)) else binom.test(x, n, conf.level = conf_level))$conf.int
    put(k(prefix, group, "percent"), 100 * x / n, ci[1], ci[2])
  }
  pair <- if (paired_tests) pairs_of(cbind(data, hit_ = as.numeric(hit)), pair_column)
  category_tests(prefix, as.numeric(hit), data$arm, if (!is.null(pair)) list(focal = pair$focal$hit_, other = pair$other$hit_))
}
response <- function(data, design, criterion, column, pair_column) {
  best <- data[[column]]; prefix <- c("response", criterion, design)
  for (level in c("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE"))
    if (level != "NON-CR/NON-PD" || any(whole[[column]] == level)) rate(data, c(prefix, "best_response", level), best == level, pair_column)
  if (!is.null(benchmark) && benchmark$criterion == criterion) {
    met <- best %in% if (benchmark$rate == "orr") c("CR", "PR") else c("CR", "PR", "SD", "NON-CR/NON-PD")
    put(k(prefix, benchmark$rate, "benchmark", arms, "p"),
        binom.test(sum(met), length(met), benchmark$null, alternative = sub("-", ".", benchmark$alternative))$p.value)
  }
  rate(data, c(prefix, "orr"), best %in% c("CR", "PR"), pair_column, TRUE)
  rate(data, c(prefix, "dcr"), best %in% c("CR", "PR", "SD", "NON-CR/NON-PD"), pair_column, TRUE)
}
adverse_events <- function(data, terms) {
  worst <- as.matrix(data[, unlist(terms), drop = FALSE]); grades <- list(any_grade = c(1, 5), grade_3_4 = c(3, 4), grade_5 = c(5, 5))
  for (a in names(grades)) {
    inside <- worst >= grades[[a]][1] & worst <= grades[[a]][2]
    rate(data, c("safety", "unadjusted", a, "All"), rowSums(inside) > 0, "", groups = c("total", arms))
    for (term in names(terms)) rate(data, c("safety", "unadjusted", a, term), inside[, terms[[term]]], "", groups = c("total", arms))
  }
}
fitted_terms <- function(X) {  # columns that vary; where nobody has the first level of a factor, the next one is the reference
  known <- X[complete.cases(X), , drop = FALSE]; varies <- apply(known, 2, function(x) any(x != x[1])); owner <- sub("\r.*", "", colnames(X))
  use <- which(varies)
  for (v in unique(owner[grepl("\r", colnames(X))])) {
    mine <- use[owner[use] == v]; if (length(mine) && min(rowSums(known[, mine, drop = FALSE])) == 1) use <- setdiff(use, mine[1])
  }
  X[, use, drop = FALSE]
}
write_results <- function(file) {
  m <- do.call(rbind, results)
  text <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
  write.csv(data.frame(key = rownames(m), value = text(m[, 1]), low = text(m[, 2]), high = text(m[, 3])), file, row.names = FALSE, quote = 1)
}
