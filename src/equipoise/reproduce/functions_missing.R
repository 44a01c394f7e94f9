# ---- Missing covariates: levels of their own in the score, or imputed data sets pooled
score_terms <- function(data, variables) {  # under the missing-indicator method nobody lacks a term
  if (!indicated) return(terms_of(data, variables))
  out <- list()
  for (v in variables) {
    x <- data[[v]]; all <- whole[[v]]; lost <- is.na(x); any_lost <- anyNA(all) && !all(is.na(all))
    if (!is.null(level_sets[[v]])) {
      for (level in level_sets[[v]][-1]) { hit <- as.numeric(x == level); if (any_lost) hit[lost] <- 0; out[[paste(v, level, sep = "\r")]] <- hit }
    } else { if (any_lost) x[lost] <- if (v %in% binary_covariates) 0 else median(all, na.rm = TRUE); out[[v]] <- x }
    if (any_lost) out[[paste(v, "missing", sep = "\r")]] <- as.numeric(lost)
  }
  do.call(cbind, out)
}
pooled_analyses <- paste0(c("cox", "cox_pair_stratified", "cox_adjusted", "rmst", "survival_difference", "doubly_robust", "risk", "cox_univariable", "cox_multivariable"), "_imputed")
copy_of <- function(whole, part, design) {  # the patients with one set of imputed values; the pairs, weights and scores made in it
  stopifnot(identical(part$patient_id, whole$patient_id)); for (v in setdiff(names(part), c("imputation", "patient_id"))) whole[[v]] <- part[[v]]
  d <- whole; pair <- paste0("pair_", design); w <- whole[[paste0("weight_", design)]]
  if (!is.null(whole[[pair]])) return(list(whole = whole, data = whole[whole[[pair]] > 0, ], pair = pair))
  if (!is.null(w)) { d <- whole[!is.na(w), ]; d$.w <- w[!is.na(w)]; set <- whole[[paste0("set_", design)]]; d$.id <- seq_len(nrow(d)); d$.set <- if (is.null(set)) d$.id else set[!is.na(w)] }
  list(whole = whole, data = d, pair = "")
}
over_copies <- function(whole, imputed, design, endpoints, estimates) {  # every estimate in each copy, under its analysis and _imputed; then pooled
  kept <- results; over_imputations <<- TRUE
  found <- lapply(sort(unique(imputed$imputation)), function(i) { results <<- list(); do.call(estimates, copy_of(whole, imputed[imputed$imputation == i, ], design)); results })
  over_imputations <<- FALSE; results <<- kept; contrast <- paste0(compared, "-vs-", reference)
  for (key in unique(unlist(lapply(found, names)))) pooled(key, lapply(found, `[[`, key))
  for (endpoint in endpoints) for (i in seq_along(found)) {
    one <- found[[i]][[k("survival", endpoint, design, "cox_imputed", contrast, "hr")]]
    if (!is.null(one)) put(k("survival", endpoint, design, "cox_each_imputation", i, contrast, "hr"), one[1], one[2], one[3])
  }
}
pooled <- function(key, rows) {  # Rubin's rules, ratios on the log scale, endless degrees of freedom of complete data
  parts <- strsplit(key, ".", fixed = TRUE)[[1]]; statistic <- parts[length(parts)]; named <- function(s) paste(c(parts[-length(parts)], s), collapse = ".")
  if (!parts[4] %in% pooled_analyses) return(invisible())
  if (statistic == "horizon") return(put(key, rows[[1]][1]))
  tests <- list(hr = c("p", "fmi"), difference = c("p", "fmi"), ratio = c("p_ratio", "fmi_ratio"), odds_ratio = c("p_odds", "fmi_odds"))[[statistic]]
  if (is.null(tests) || any(vapply(rows, function(r) is.null(r) || anyNA(r), TRUE))) return(invisible())
  m <- length(rows); x <- do.call(rbind, rows); to <- if (statistic == "difference") identity else log; back <- if (statistic == "difference") identity else exp
  q <- to(x[, 1]); u <- ((to(x[, 3]) - to(x[, 2])) / (2 * z_level))^2; b <- if (max(q) == min(q)) 0 else var(q)
  total <- mean(u) + (1 + 1 / m) * b; df <- if (b > 0) (m - 1) / ((1 + 1 / m) * b / total)^2 else Inf
  reach <- qt(1 - (1 - conf_level) / 2, df) * sqrt(total); r <- (1 + 1 / m) * b / mean(u)
  put(key, back(mean(q)), back(mean(q) - reach), back(mean(q) + reach)); put(named(tests[1]), 2 * pt(-abs(mean(q)) / sqrt(total), df))
  put(named(tests[2]), (r + 2 / (df + 3)) / (r + 1)); if (statistic == "hr" && is.finite(df)) put(named("df"), df)
}
