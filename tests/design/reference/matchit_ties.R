# Pairs of MatchIt 4.7.2 on its lalonde data, as positions from 0, with the scores that were matched on. Writes matchit_ties.json.
library(MatchIt); stopifnot(packageVersion("MatchIt") >= "4.5.4")
data("lalonde", package = "MatchIt"); d <- lalonde; rownames(d) <- seq_len(nrow(d)) - 1
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
asked <- expand.grid(link = c("logit", "score"), order = c("largest", "smallest", "data"), width = c("nocal", "cal0.2sd", "cal0.1sd"),
                     stringsAsFactors = FALSE)
scores <- list(); cases <- list()
for (i in seq_len(nrow(asked))) {
  a <- asked[i, ]; width <- switch(a$width, nocal = NULL, cal0.2sd = .2, cal0.1sd = .1)
  m <- matchit(f, d, method = "nearest", distance = "glm", link = if (a$link == "logit") "linear.logit" else "logit",
               caliper = width, std.caliper = TRUE, m.order = a$order)
  scores[[a$link]] <- unname(m$distance); mate <- m$match.matrix[, 1]; mate <- mate[!is.na(mate)]
  pairs <- unname(cbind(as.integer(names(mate)), as.integer(mate)))
  cases[[paste(a$link, a$width, a$order, sep = "_")]] <- list(
    caliper = if (is.null(width)) NA else width * sd(m$distance), pairs = pairs[order(pairs[, 1]), ])
}
out <- list(source = "MatchIt 4.7.2", logit = scores$logit, score = scores$score, focal = which(d$treat == 1) - 1, cases = cases)
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = NA, na = "null"), "matchit_ties.json")
