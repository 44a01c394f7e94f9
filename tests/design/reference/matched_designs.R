# Hazard ratios of survival 3.5-3 in matched designs whose weights and sets are given: matched_designs.csv -> matched_designs.json.
# Usage: Rscript matched_designs.R, in this folder. A set of 0 everywhere: patients serve several times, variance by patient.
library(survival)
d <- read.csv("matched_designs.csv"); out <- list(source = paste("survival", packageVersion("survival")))
for (name in sub("^weight_", "", grep("^weight_", names(d), value = TRUE))) {
  k <- d[[paste0("weight_", name)]] > 0; x <- d[k, ]; x$w <- x[[paste0("weight_", name)]]; x$set <- x[[paste0("set_", name)]]
  if (all(x$set == 0)) x$set <- seq_len(nrow(x))
  m <- coxph(Surv(days, dead) ~ newer, x, weights = w, cluster = set, ties = "efron", control = coxph.control(eps = 1e-13, iter.max = 50))
  out[[name]] <- c(exp(coef(m)[[1]]), exp(coef(m)[[1]] + c(-1, 1) * qnorm(.975) * sqrt(m$var[1, 1])), nrow(x))
}
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = NA), "matched_designs.json")
