# Matched units of MatchIt on its lalonde data, by row number from 0. Made with MatchIt 4.7.2 (R 4.x); never use 4.5.1,
# whose caliper is broken (fixed in 4.5.4). Writes matchit_lalonde.json.
library(MatchIt); stopifnot(packageVersion("MatchIt") >= "4.5.4")
data("lalonde", package = "MatchIt"); d <- lalonde
d$black <- as.numeric(d$race == "black"); d$hispan <- as.numeric(d$race == "hispan")
fo <- treat ~ age + educ + black + hispan + married + nodegree + re74 + re75
lp <- predict(glm(fo, binomial, d)); tr <- d$treat
austin <- sqrt((var(lp[tr == 1]) + var(lp[tr == 0])) / 2)
logit <- list(link = "linear.logit", caliper = .2)
options <- list(none = list(), ps2 = list(caliper = .2), lin2 = logit,
  lin2austin = list(link = "linear.logit", caliper = .2 * austin, std.caliper = FALSE),
  lin25austin = list(link = "linear.logit", caliper = .25 * austin, std.caliper = FALSE),
  lin2small = c(logit, m.order = "smallest"), lin2data = c(logit, m.order = "data"),
  lin2closest = c(logit, m.order = "closest"), lin2farthest = c(logit, m.order = "farthest"),
  ps2both = list(caliper = .2, discard = "both"))
result <- lapply(options, function(o) {
  w <- do.call(matchit, c(list(fo, data = d), o))$weights
  list(pairs = sum(w[tr == 1] > 0), ids = which(w > 0) - 1)
})
writeLines(jsonlite::toJSON(result, auto_unbox = TRUE), "matchit_lalonde.json")
