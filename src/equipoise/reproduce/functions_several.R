# ---- Several arms together: hazard ratios of each arm against the reference from one model
several_effect <- function(data, endpoint, design) {
  others <- setdiff(arms, reference); prefix <- c("survival", endpoint, design)
  if (!sum(data$event) || !any(data$arm == reference) || !any(data$arm != reference)) return(invisible())
  terms <- paste0("arm_", seq_along(others))
  for (i in seq_along(others)) data[[terms[i]]] <- as.numeric(data$arm == others[i])
  fit <- of_design(as.formula(paste("Surv(time, event) ~", paste(terms, collapse = " + "))), data, "")
  for (i in seq_along(others)) put_hr(c(prefix, "cox", paste0(others[i], "-vs-", reference)), fit, i)
  if (any(runaway(fit))) return(invisible())
  chi2 <- drop(coef(fit) %*% solve(vcov(fit), coef(fit)))
  put(k(prefix, "cox_all_arms", "chi2"), chi2); put(k(prefix, "cox_all_arms", "p"), pchisq(chi2, length(others), lower.tail = FALSE))
  if (is.null(data$.w)) put_ph(c(prefix, "ph_test", "treatment"), fit)
}
