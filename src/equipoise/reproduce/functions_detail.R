# ---- Functions for what came from many rows per patient: the derived facts are given, the estimates are made here.
one_row <- function(table, data) table[match(data$patient_id, table$patient_id), ]
quartiles <- function(prefix, x) {
  x <- x[!is.na(x)]; if (!length(x)) return(invisible())
  q <- quantile(x, c(.25, .5, .75), type = quantile_type, names = FALSE)
  for (i in 1:3) put(k(prefix, c("q1", "median", "q3")[i]), q[i])
}
percent <- function(prefix, x, n, limits = FALSE) {
  ci <- if (limits) 100 * (if (wilson) suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = conf_level)) else binom.test(x, n, conf.level = conf_level))$conf.int else c(NA, NA)
  if (n > 0) put(k(prefix, "percent"), 100 * x / n, ci[1], ci[2])
}
categories <- c("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
rates <- list(orr = c("CR", "PR"), dcr = c("CR", "PR", "SD", "NON-CR/NON-PD"))

# ---- Response in depth
response_detail <- function(data, design) for (reading in unique(response_rows$reading)) {
  d <- one_row(response_rows[response_rows$reading == reading, ], data)
  for (group in c("total", arms)) {
    g <- d[in_group(data, group), ]; prefix <- c("response", reading, design)
    for (named in c("unconfirmed", "confirmed")) {
      best <- g[[paste0("best_", named)]]; if (all(is.na(d[[paste0("best_", named)]]))) next
      for (level in categories) {
        x <- sum(best == level); if (x > 0 || level != "NON-CR/NON-PD") put(k(prefix, paste0("best_response_", named), level, group, "n"), x)
      }
      for (rate in names(rates)) if (length(best))
        percent(c(prefix, paste0(rate, "_", named), group), sum(best %in% rates[[rate]]), length(best), TRUE)
    }
    if (all(is.na(d$deepest_change_pct)) && all(is.na(d$response_day))) next
    duration(c(prefix, "duration_of_response"), group, g[!is.na(g$response_day), ])
    put(k(prefix, "time_to_response", group, "n"), sum(!is.na(g$response_day)))
    quartiles(c(prefix, "time_to_response", group), g$response_day)
    change <- g$deepest_change_pct[!is.na(g$deepest_change_pct)]
    put(k(prefix, "deepest_change", group, "n"), length(change)); quartiles(c(prefix, "deepest_change", group), change)
    if (length(change)) put(k(prefix, "deepest_change", "any_decrease", group, "percent"), 100 * mean(change < 0))
  }
}
duration <- function(prefix, group, responders) {
  put(k(prefix, group, "n"), nrow(responders)); if (!nrow(responders)) return(invisible())
  fit <- survfit(Surv(duration_days, duration_event) ~ 1, responders, conf.type = interval_type, conf.int = conf_level)
  m <- median_of(fit); put(k(prefix, group, "median"), m[1], m[2], m[3]); put(k(prefix, group, "events"), sum(responders$duration_event))
  for (i in seq_along(landmarks)) if (landmarks[i] <= max(responders$duration_days)) {
    s <- summary(fit, times = landmarks[i]); put(k(prefix, names(landmarks)[i], group, "survival"), s$surv, s$lower, s$upper)
  }
}
agreement_of_readings <- function(data, design, readings, column) {
  rows <- lapply(readings, function(r) one_row(response_rows[response_rows$reading == r, ], data))
  for (i in seq_along(readings)) for (j in seq_along(readings)) if (i < j) {
    both <- !is.na(rows[[i]]$assessed_day) & !is.na(rows[[j]]$assessed_day); if (!any(both)) next
    best <- lapply(rows, function(r) r[[column]][both])
    contrast <- paste0(readings[i], "-vs-", readings[j]); prefix <- c("response", design, "agreement")
    cross_table(prefix, contrast, best[[i]], best[[j]]); kappa_of(prefix, contrast, best[[i]], best[[j]])
    weighted_kappa(prefix, contrast, best[[i]], best[[j]])
    yes <- function(x) ifelse(x %in% rates$orr, "yes", "no")
    kappa_of(c(prefix, "objective_response"), contrast, yes(best[[i]]), yes(best[[j]]))
  }
}
recorded_responses <- function(rows) for (reading in unique(rows$reading)) {
  r <- rows[rows$reading == reading, ]; prefix <- c("response", reading, "recorded")
  cross_table(prefix, "computed-vs-recorded", r$computed, r$recorded); kappa_of(prefix, "computed-vs-recorded", r$computed, r$recorded)
  weighted_kappa(prefix, "computed-vs-recorded", r$computed, r$recorded)
}
cross_table <- function(prefix, contrast, a, b) {
  tab <- table(paste(a, "and", b))
  for (pair in names(tab)) put(k(prefix, pair, contrast, "n"), tab[[pair]])
}
kappa_of <- function(prefix, contrast, a, b) {  # Fleiss, Cohen and Everitt 1969, equation 13
  put(k(prefix, contrast, "differ"), sum(a != b)); known <- union(a, b); if (length(known) < 2) return(invisible())
  p <- table(factor(a, known), factor(b, known)) / length(a); row <- rowSums(p); col <- colSums(p)
  po <- sum(diag(p)); pe <- sum(row * col); kappa <- (po - pe) / (1 - pe)
  w <- outer(seq_along(known), seq_along(known), Vectorize(function(i, j)
    if (i == j) ((1 - pe) - (row[i] + col[i]) * (1 - po))^2 else (1 - po)^2 * (col[i] + row[j])^2))
  se <- sqrt((sum(p * w) - (po * pe - 2 * pe + po)^2) / length(a)) / (1 - pe)^2
  put(k(prefix, contrast, "kappa"), kappa, kappa - z_level * se, kappa + z_level * se); put(k(prefix, contrast, "kappa_se"), se)
}
weighted_kappa <- function(prefix, contrast, a, b) {  # Fleiss, Cohen and Everitt 1969, equation 8
  ordered <- c("CR", "PR", "SD", "PD"); both <- a %in% ordered & b %in% ordered; a <- a[both]; b <- b[both]
  if (length(union(a, b)) < 2) return(invisible())
  p <- table(factor(a, ordered), factor(b, ordered)) / length(a); steps <- abs(outer(1:4, 1:4, "-")) / 3
  for (weights in c("linear", "quadratic")) {
    w <- 1 - steps^(if (weights == "linear") 1 else 2); po <- sum(w * p); pe <- sum(w * outer(rowSums(p), colSums(p)))
    mean <- outer(drop(w %*% colSums(p)), drop(rowSums(p) %*% w), "+"); kappa <- (po - pe) / (1 - pe)
    se <- sqrt((sum(p * (w - mean * (1 - kappa))^2) - (kappa - pe * (1 - kappa))^2) / (length(a) * (1 - pe)^2))
    put(k(prefix, contrast, paste0("kappa_", weights)), kappa, kappa - z_level * se, kappa + z_level * se)
  }
}

# ---- Adverse events in depth
led_to <- function(data, column, terms) {
  hit <- function(rows) data$patient_id %in% rows$patient_id[rows[[column]] == 1]
  rate(data, c("safety", "unadjusted", column, "All"), hit(events), "", groups = c("total", arms))
  for (term in terms) rate(data, c("safety", "unadjusted", column, term), hit(events[events$term == term, ]), "", groups = c("total", arms))
}
event_rates <- function(data) {
  s <- one_row(safety, data); months <- s$exposure_days / days_per_month; dosed <- !is.na(months)
  time <- sapply(arms, function(a) sum(months[dosed & data$arm == a])); prefix <- c("safety", "unadjusted", "rate_per_100_months")
  for (a in arms) put(k("safety", "unadjusted", "exposure", a, "patient_months"), time[[a]])
  if (min(time) <= 0) return(invisible())
  for (term in c("All", unique(events$term))) {
    e <- if (term == "All") events[events$composite == 0, ] else events[events$term == term, ]
    n <- sapply(arms, function(a) sum(e$events[e$patient_id %in% data$patient_id[dosed & data$arm == a]]))
    for (a in arms) { t <- poisson.test(n[[a]], time[[a]], conf.level = conf_level); put(k(prefix, term, a, "rate"), 100 * n[[a]] / time[[a]], 100 * t$conf.int[1], 100 * t$conf.int[2]) }
    if (!sum(n) || length(arms) < 2) next
    ratio <- poisson.test(n[c(compared, reference)], time[c(compared, reference)], conf.level = conf_level); contrast <- paste0(compared, "-vs-", reference)
    put(k(prefix, term, contrast, "rate_ratio"), ratio$estimate, ratio$conf.int[1], ratio$conf.int[2]); put(k(prefix, term, contrast, "p"), ratio$p.value)
  }
}
first_events <- function(data, grades) for (grade in grades) {
  s <- one_row(safety, data); time <- s[[paste0("first_", grade, "_time")]]; cause <- s[[paste0("first_", grade, "_cause")]]
  known <- !is.na(time); prefix <- c("safety", "unadjusted", "cumulative_incidence", grade)
  if (!all(arms %in% data$arm[known]) || !any(cause[known] == 1)) next
  for (a in arms) put(k(prefix, a, "deaths_before"), sum(known & data$arm == a & cause == 2))
  days <- risk_times[["first event"]]
  for (a in arms) { n <- at_risk_at(time[known & data$arm == a], days); for (i in seq_along(days)) put(k(prefix, names(days)[i], a, "at_risk"), n[i]) }
  if (!requireNamespace("cmprsk", quietly = TRUE)) { message("cumulative incidence and Gray's test are left out: the package cmprsk is not installed"); next }
  fit <- cmprsk::cuminc(time[known], cause[known], data$arm[known])
  for (a in arms) for (month in c(1, 3, 6)) if (month * days_per_month <= max(time[known & data$arm == a])) {
    at <- if (paste(a, 1) %in% names(fit)) cmprsk::timepoints(fit[paste(a, 1)], month * days_per_month) else list(est = 0, var = 0)
    F <- as.numeric(at$est); se <- sqrt(as.numeric(at$var)); q <- if (F > 0 && F < 1) z_level * se / (F * abs(log(F))) else 0
    put(k(prefix, paste0(month, if (month == 1) " month" else " months"), a, "incidence"), F, F^exp(q), F^exp(-q))
  }
  if (length(arms) > 1) put(k(prefix, "p"), fit$Tests["1", "pv"])
}
laboratory <- function(data, terms) for (term in names(terms)) {
  grade <- one_row(safety, data)[[terms[[term]]]]; known <- grade >= 0
  for (a in c("lab_any_grade", "lab_grade_3_4")) {
    hit <- if (a == "lab_any_grade") grade >= 1 else grade %in% 3:4
    rate(data[known, ], c("safety", "unadjusted", a, term), hit[known], "", groups = c("total", arms))
  }
}
holm <- function(analysis, terms) {
  p <- sapply(terms, function(t) { found <- results[[k("safety", "unadjusted", analysis, t, "p")]]; if (is.null(found)) NA else found[1] })
  if (!length(p) || length(arms) < 2) return(invisible())
  put(k("safety", "unadjusted", analysis, "tests"), sum(!is.na(p))); adjusted <- p.adjust(p, "holm")
  for (i in which(!is.na(p))) put(k("safety", "unadjusted", analysis, terms[i], "p_holm"), adjusted[i])
}

# ---- Conduct and exposure
shares_of <- function(data, prefix, cells, among) for (level in unique(cells[among & !is.na(cells)])) for (group in c("total", arms)) {
  g <- in_group(data, group) & among; if (any(g)) put(k(prefix, level, group, "percent"), 100 * sum(cells[g] == level, na.rm = TRUE) / sum(g))
}
conduct <- function(data, readers) {
  d <- one_row(conduct_rows, data); prefix <- c("conduct", "unadjusted")
  if (sum(d$n_scans, na.rm = TRUE) > 0) {
    for (group in c("total", arms)) {
      g <- d[in_group(data, group), ]; quartiles(c(prefix, "first_scan", group), g$first_scan_day)
      scans <- sum(g$n_scans); put(k(prefix, "scans", group, "n"), scans)
      for (name in c("missed", "unscheduled", "unreadable")) {
        x <- sum(g[[paste0("n_", name)]]); due <- if (name == "missed") scans + x else scans
        if (!is.na(x) && due > 0) put(k(prefix, "scans", name, group, "percent"), 100 * x / due)
      }
      for (r in names(readers)) if (scans > 0) put(k(prefix, "reader", r, group, "percent"), 100 * sum(g[[readers[[r]]]]) / scans)
    }
    continuous_tests(c(prefix, "first_scan"), d$first_scan_day, data$arm)
  }
  known <- !is.na(d$followed_days) & !is.na(d$possible_days)
  for (group in c("total", arms)) {
    g <- in_group(data, group) & known
    if (sum(d$possible_days[g]) > 0) put(k(prefix, "completeness", group, "percent"), 100 * sum(d$followed_days[g]) / sum(d$possible_days[g]))
    alive <- g & d$died == 0; quartiles(c(prefix, "contact_gap", group), d$possible_days[alive] - d$followed_days[alive])
  }
  shares_of(data, c(prefix, "cause_of_death"), d$death_cause, d$died == 1)
  shares_of(data, c(prefix, "source_of_death"), d$death_source, d$died == 1)
}
exposure <- function(data, later_line) {
  d <- one_row(conduct_rows, data); prefix <- c("exposure", "unadjusted"); treated <- !is.na(d$treated_days)
  if (!any(treated)) return(invisible())
  stopped <- as.numeric(!is.na(d$stop_reason) & !d$stop_reason %in% c("ongoing", "lost", "not recorded"))
  above <- function(x) as.numeric(!is.na(x) & x > 0)
  hits <- list(started_below_protocol = ifelse(is.na(d$protocol_mg), NA, as.numeric(!is.na(d$start_mg) & d$start_mg < d$protocol_mg)),
               reduced = above(d$n_reductions), raised = above(d$n_raised), interrupted = above(d$n_interruptions))
  for (group in c("total", arms)) {
    g <- in_group(data, group)
    if (any(g & treated)) {
      m <- median_of(survfit(Surv(d$treated_days[g & treated], stopped[g & treated]) ~ 1, conf.type = interval_type, conf.int = conf_level))
      put(k(prefix, "time_on_treatment", group, "median"), m[1], m[2], m[3])
    }
    quartiles(c(prefix, "relative_dose_intensity", group), d$rdi[g])
    for (name in names(hits)) {
      inside <- g & treated & !is.na(hits[[name]])
      if (any(inside)) put(k(prefix, "patients_with", name, group, "percent"), 100 * mean(hits[[name]][inside]))
    }
  }
  shares_of(data, c(prefix, "stop_reason"), d$stop_reason, treated)
  if (!is.null(d$later_line_regimen)) shares_of(data, c(prefix, later_line), d$later_line_regimen, rep(TRUE, nrow(data)))
}

# ---- Quality of the data
concerned <- function(data, columns) rowSums(one_row(quality, data)[, unlist(columns), drop = FALSE]) > 0
missing_values <- function(data, shown) for (v in shown) if (anyNA(data[[v]])) for (a in arms)
  put(k("quality", "missing", v, a, "percent"), 100 * mean(is.na(data[[v]][data$arm == a])))
findings_of <- function(data, findings) for (rule in names(findings)) put(k("quality", "finding", rule, "analysed"), sum(concerned(data, findings[[rule]])))
without <- function(data, endpoint, design, pair_column, findings) for (rule in names(findings)) {  # a pair leaves as a whole
  if (!any(concerned(whole, findings[[rule]]))) next
  leaves <- concerned(data, findings[[rule]])
  if (pair_column != "") leaves <- data[[pair_column]] %in% data[[pair_column]][leaves]
  d <- data[!leaves, ]; d$treated <- as.numeric(d$arm == compared)
  d$time <- d[[paste0(endpoint, "_time")]]; d$event <- d[[paste0(endpoint, "_event")]]
  if (length(arms) < 2 && nrow(d)) {
    m <- median_of(kaplan_meier(d))
    put(k("quality", endpoint, design, "without", rule, arms, "median"), m[1], m[2], m[3])
  }
  if (!sum(d$event) || length(unique(d$treated)) < 2) next
  fit <- of_design(Surv(time, event) ~ treated, d, pair_column)
  b <- coef(fit)[1]; h <- z_level * sqrt(vcov(fit)[1])
  put(k("quality", endpoint, design, "without", rule, paste0(compared, "-vs-", reference), "hr"), exp(b), exp(b - h), exp(b + h))
}
fitness <- function(data, shown, findings, linked) {
  q <- one_row(quality, data); sites <- sort(unique(q$site[!is.na(q$site)])); prefix <- c("quality", "fitness")
  for (site in c(if (length(sites) > 1) sites, "all")) {
    s <- if (site == "all") rep(TRUE, nrow(data)) else q$site %in% site
    empty <- colSums(is.na(data[s, shown, drop = FALSE])); put(k(prefix, "missing", site, "percent"), 100 * sum(empty) / (sum(s) * length(shown)))
    if (any(empty > 0)) put(k(prefix, "most_missing", shown[which.max(empty)], site, "percent"), 100 * max(empty) / sum(s))
    for (table in names(linked)) put(k(prefix, "linkage", table, site, "percent"), 100 * mean(q[[linked[[table]]]][s]))
    put(k(prefix, "reliability", site, "percent"), 100 * mean(!concerned(data, findings)[s]))
  }
}
