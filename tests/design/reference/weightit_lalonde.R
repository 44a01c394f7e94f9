# Weights of lalonde (MatchIt) by WeightIt 1.3.1 and their balance, SDs of the unadjusted sample pooled over both arms. R 4.2.2.
#   Rscript weightit_lalonde.R weightit_lalonde.json
library(WeightIt); library(jsonlite)
data("lalonde", package = "MatchIt")
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
X <- lalonde[c("age", "educ", "re74", "re75")]
t <- lalonde$treat == 1
facts <- function(...) {
  w <- weightit(f, lalonde, method = "glm", ...)$weights
  arms <- function(g) list(treated = g(w[t]), control = g(w[!t]))
  smd <- sapply(X, function(x) (weighted.mean(x[t], w[t]) - weighted.mean(x[!t], w[!t])) / sqrt((var(x[t]) + var(x[!t])) / 2))
  list(ess = arms(function(v) sum(v)^2 / sum(v^2)), sum = arms(sum), max = arms(max), min = arms(min), smd = as.list(smd))
}
out <- sapply(c(glm_ATE = "ATE", glm_ATT = "ATT", glm_ATC = "ATC", glm_ATO = "ATO", glm_ATM = "ATM"), function(e) facts(estimand = e), simplify = FALSE)
out$glm_ATE_stabilized <- facts(estimand = "ATE", stabilize = TRUE)
write_json(out, commandArgs(TRUE)[1], digits = NA, auto_unbox = TRUE, pretty = TRUE)
