# A study of four sites: Cox models stratified by site, and pairs that are made within a site.
# Rscript by_site.R > by_site.json     (R 4.2, survival; the match is written out by hand, no matching package)
suppressMessages(library(survival))
set.seed(20)
n <- 160
site <- sample(c("North", "South", "East"), n, replace = TRUE, prob = c(.5, .3, .2))
site[c(7, 31)] <- "West" # treated with the new drug alone
age <- round(rnorm(n, 62, 9) + seq_len(n) * 1e-4, 4)
vi <- as.integer(runif(n) < .4)
new <- as.integer(runif(n) < plogis(-.6 + .03 * (age - 62) + .5 * vi + ifelse(site == "South", .6, 0)))
new[c(7, 31)] <- 1L
base <- c(North = 300, South = 600, East = 180, West = 400)[site]
time <- ceiling(rexp(n, 1 / (base * exp(-.02 * (age - 62) - .4 * vi + .4 * new))))
limit <- sample(200:900, n, replace = TRUE)
dead <- as.integer(time <= limit)
days <- pmin(time, limit)
id <- sprintf("P%03d", seq_len(n))

cox <- function(formula) {
  fit <- coxph(formula, ties = "efron")
  s <- summary(fit)
  list(
    term = rownames(s$coefficients), hr = unname(s$conf.int[, 1]), low = unname(s$conf.int[, 3]), high = unname(s$conf.int[, 4]),
    p = unname(s$coefficients[, "Pr(>|z|)"])
  )
}

# One score of everybody, on the logit; caliper 0.2 SD of the whole sample; the treated from the largest score down, each takes
# the nearest free control of its own site.
score <- predict(glm(new ~ age + vi, family = binomial))
caliper <- .2 * sd(score)
partner <- rep(NA_integer_, n)
for (i in order(-score)[new[order(-score)] == 1]) {
  free <- which(new == 0 & site == site[i] & !(seq_len(n) %in% partner))
  near <- free[which.min(abs(score[free] - score[i]))]
  if (length(near) && abs(score[near] - score[i]) <= caliper) partner[i] <- near
}
matched <- which(!is.na(partner))
pair <- rep(0L, n)
pair[matched] <- seq_along(matched)
pair[partner[matched]] <- seq_along(matched)
among <- pair > 0
m <- coxph(Surv(days, dead) ~ new + strata(site) + cluster(pair), subset = among, ties = "efron")
sm <- summary(m)

result <- list(
  data = list(id = id, site = site, arm = ifelse(new == 1, "A", "B"), age = age, vi = vi, days = days, dead = dead),
  treatment = cox(Surv(days, dead) ~ new + strata(site)),
  age = cox(Surv(days, dead) ~ age + strata(site)),
  multivariable = cox(Surv(days, dead) ~ age + vi + new + strata(site)),
  two_strata = cox(Surv(days, dead) ~ new + strata(site, vi)),
  pairs = list(a = id[matched], b = id[partner[matched]]),
  matched = list(
    hr = unname(sm$conf.int[1, 1]), low = unname(sm$conf.int[1, 3]), high = unname(sm$conf.int[1, 4]),
    p = unname(sm$coefficients[1, "Pr(>|z|)"])
  ),
  caliper = caliper
)
one <- function(x) {
  if (is.list(x)) {
    paste0("{", paste0('"', names(x), '": ', vapply(x, one, ""), collapse = ", "), "}")
  } else {
    cells <- if (is.character(x)) paste0('"', x, '"') else format(x, digits = 17, trim = TRUE)
    paste0("[", paste(cells, collapse = ", "), "]")
  }
}
cat(one(result), "\n")
