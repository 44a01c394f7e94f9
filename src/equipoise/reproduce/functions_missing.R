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
pooled_effect <- function(whole, imputed, endpoint, design) {  # Rubin's rules on the log scale, endless degrees of freedom of complete data
  prefix <- c("survival", endpoint, design); contrast <- paste0(compared, "-vs-", reference)
  whole$treated <- as.numeric(whole$arm == compared); whole$time <- whole[[paste0(endpoint, "_time")]]; whole$event <- whole[[paste0(endpoint, "_event")]]
  column <- function(part, kind) part[[paste(kind, design, sep = "_")]]
  fits <- lapply(sort(unique(imputed$imputation)), function(i) {
    part <- imputed[imputed$imputation == i, ]; stopifnot(identical(part$patient_id, whole$patient_id)); d <- whole; pair <- column(part, "pair")
    if (!is.null(pair)) { d$.pair <- pair; return(of_design(Surv(time, event) ~ treated, d[pair > 0, ], ".pair")) }
    d$.w <- column(part, "weight"); set <- column(part, "set"); d$.set <- if (is.null(set)) seq_len(nrow(d)) else set
    of_design(Surv(time, event) ~ treated, d[!is.na(d$.w), ], "")
  })
  q <- sapply(fits, function(f) coef(f)[[1]]); u <- sapply(fits, function(f) vcov(f)[1, 1]); m <- length(q)
  for (i in seq_along(q)) put(k(prefix, "cox_each_imputation", i, contrast, "hr"), exp(q[i]), exp(q[i] - z_level * sqrt(u[i])), exp(q[i] + z_level * sqrt(u[i])))
  b <- if (max(q) == min(q)) 0 else var(q); total <- mean(u) + (1 + 1 / m) * b; df <- if (b > 0) (m - 1) / ((1 + 1 / m) * b / total)^2 else Inf
  reach <- qt(1 - (1 - conf_level) / 2, df) * sqrt(total); r <- (1 + 1 / m) * b / mean(u); key <- c(prefix, "cox_imputed", contrast)
  put(k(key, "hr"), exp(mean(q)), exp(mean(q) - reach), exp(mean(q) + reach)); put(k(key, "p"), 2 * pt(-abs(mean(q)) / sqrt(total), df))
  put(k(key, "fmi"), (r + 2 / (df + 3)) / (r + 1)); if (is.finite(df)) put(k(key, "df"), df)
}
