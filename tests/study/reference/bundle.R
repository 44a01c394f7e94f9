# The founding study's sensitivity bundle by hand: pairs by a loop, hazard ratios by survival, bounds and E-values by their formulas.
# Usage: Rscript bundle.R, in this folder; reads the synthetic cohort of ../../../src/equipoise/founding and writes bundle.json.
library(survival)
home <- "../../../src/equipoise/founding/"
d <- read.csv(paste0(home, "cohort.csv")); site <- read.csv(paste0(home, "data/patient.csv"))
d$site <- site$site[match(d$patient_id, site$patient_id)]
d$focal <- d$arm == "lenvatinib"; d$treated <- as.numeric(!d$focal)
d$cp_b <- as.numeric(d$child_pugh_score >= 7); d$ehm_or_ln <- as.numeric(d$ehm == 1 | d$ln_met == 1)
planned <- focal ~ age + male + max_size_cm + multiple_tumors + ehm_or_ln + cp_b
paired <- function(x, model, caliper) { # the largest score of the focal arm first, nearest free partner on the logit
  x <- x[order(x$patient_id, method = "radix"), ]
  m <- glm(model, binomial, x, control = glm.control(epsilon = 1e-14, maxit = 50)); score <- m$linear.predictors
  limit <- if (is.na(caliper)) Inf else caliper * sd(score)
  focal <- which(x$focal); focal <- focal[order(-score[focal])]; free <- which(!x$focal); x$set <- 0; k <- 0
  for (i in focal) {
    gap <- abs(score[free] - score[i]); best <- which.min(gap)
    if (length(free) && gap[best] <= limit) { k <- k + 1; x$set[c(i, free[best])] <- k; free <- free[-best] }
  }
  x[x$set > 0, ]
}
exact <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
told <- function(m, k = 1) c(exp(coef(m)[[k]]), exp(coef(m)[[k]] + c(-1, 1) * qnorm(.975) * sqrt(m$var[k, k])))
hr <- function(x, end) {
  x$time <- x[[paste0(end, "_days")]]; x$event <- x[[paste0(end, "_event")]]
  told(coxph(Surv(time, event) ~ treated, x, cluster = set, control = exact))
}
periods <- function(x, end) {
  x$time <- x[[paste0(end, "_days")]]; x$event <- x[[paste0(end, "_event")]]
  day <- median(x$time[x$event == 1]); s <- survSplit(Surv(time, event) ~ ., x, cut = day, episode = "part")
  s$early <- s$treated * (s$part == 1); s$late <- s$treated * (s$part == 2)
  m <- coxph(Surv(tstart, time, event) ~ early + late, s, cluster = set, control = exact)
  difference <- coef(m)[[2]] - coef(m)[[1]]; v <- m$var[1, 1] + m$var[2, 2] - 2 * m$var[1, 2]
  list(day = day, before = told(m, 1), after = told(m, 2), change = 2 * pnorm(-abs(difference) / sqrt(v)))
}
first <- function(x, end) { # who of a pair had the event first: an event before a censoring of the same day
  time <- x[[paste0(end, "_days")]]; event <- x[[paste0(end, "_event")]]; n <- c(0, 0)
  for (k in unique(x$set)) {
    i <- which(x$set == k & x$treated == 1); j <- which(x$set == k & x$treated == 0)
    n[1] <- n[1] + (event[i] == 1 && (time[i] < time[j] || (time[i] == time[j] && event[j] == 0)))
    n[2] <- n[2] + (event[j] == 1 && (time[j] < time[i] || (time[j] == time[i] && event[i] == 0)))
  }
  p <- function(odds) pbinom(max(n) - 1, sum(n), odds / (1 + odds), lower.tail = FALSE)
  list(first = n, p = p(1), gamma = if (p(1) > .05) NULL else uniroot(function(g) p(g) - .05, c(1, 100), tol = 1e-12)$root)
}
# Without Site B a level of the score has nobody in one arm, so that its maximum likelihood does not exist: not a witness.
common <- function(h) (1 - .5^sqrt(h)) / (1 - .5^sqrt(1 / h))
e <- function(r) { r <- max(r, 1 / r); r + sqrt(r * (r - 1)) }
x <- paired(d, planned, .2); out <- list(source = paste("survival", packageVersion("survival"), "R", getRversion()))
for (end in c("os", "pfs")) {
  h <- hr(x, end); bias <- (1 + .8 * .5) / (1 + .8 * .3)
  out[[end]] <- list(
    planned = h, "caliper 0.1" = hr(paired(d, planned, .1), end), "caliper none" = hr(paired(d, planned, NA), end),
    "without Site A" = hr(paired(d[d$site != "Site A", ], planned, .2), end),
    "with site" = hr(paired(d, update(planned, . ~ . + site), .2), end),
    periods = periods(x, end), pairs = first(x, end), confounder = h / bias, bounding = h / (4 / 3),
    e_value = e(common(h[1])), e_limit = if (h[2] <= 1 && h[3] >= 1) 1 else e(common(if (h[1] > 1) h[2] else h[3])),
    tipping_share = (h[1] * (1 + .8 * .3) - 1) / .8
  )
}
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "bundle.json")
