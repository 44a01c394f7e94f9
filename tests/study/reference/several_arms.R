# A study of three arms: tests over all arms, hazard ratios against the reference from one Cox model, weights from a multinomial
# score (definitions of Li & Li, Ann Appl Stat 2019), and one comparison of two arms.
# Rscript several_arms.R > several_arms.json     (R 4.2, survival, nnet)
suppressMessages(library(survival))
set.seed(71)
n <- 180
age <- round(rnorm(n, 62, 9) + seq_len(n) * 1e-4, 4)
vi <- as.integer(runif(n) < .4)
stage <- sample(c("I", "II", "III"), n, replace = TRUE, prob = c(.3, .4, .3))
e <- exp(cbind(0, .04 * (age - 62) + .4 * vi - .2, -.03 * (age - 62) + .5 * (stage == "III")))
arm <- apply(e / rowSums(e), 1, function(p) sample(c("A", "B", "C"), 1, prob = p))
hazard <- exp(-6.1 + .02 * (age - 62) + .5 * vi + .3 * (stage == "III") + c(A = 0, B = -.5, C = .3)[arm])
time <- ceiling(rexp(n, hazard))
limit <- sample(200:1000, n, replace = TRUE)
dead <- as.integer(time <= limit)
days <- pmin(time, limit)
id <- sprintf("P%03d", seq_len(n))
f <- factor(arm, levels = c("A", "B", "C"))
d <- data.frame(id, arm = f, age, vi, stage = factor(stage), days, dead)

hr <- function(fit, terms = grep("^arm", names(coef(fit)))) {
  s <- summary(fit)
  list(
    hr = unname(s$conf.int[terms, 1]), low = unname(s$conf.int[terms, 3]), high = unname(s$conf.int[terms, 4]),
    p = unname(s$coefficients[terms, "Pr(>|z|)"])
  )
}
wald <- function(fit) {
  chi2 <- as.numeric(coef(fit) %*% solve(vcov(fit), coef(fit)))
  list(chi2 = chi2, p = pchisq(chi2, length(coef(fit)), lower.tail = FALSE))
}
# The largest difference of two arms over the root of the mean of the arms' variances in the whole sample.
largest <- function(x, w, binary) {
  m <- sapply(levels(f), function(a) weighted.mean(x[f == a], w[f == a]))
  v <- sapply(levels(f), function(a) if (binary) mean(x[f == a]) * (1 - mean(x[f == a])) else var(x[f == a]))
  max(abs(outer(m, m, "-"))) / sqrt(mean(v))
}

plain <- coxph(Surv(days, dead) ~ arm, d, ties = "efron")
adjusted <- coxph(Surv(days, dead) ~ age + vi + arm, d, ties = "efron")
logrank <- survdiff(Surv(days, dead) ~ arm, d)
score <- nnet::multinom(arm ~ age + vi + stage, d, trace = FALSE, reltol = 1e-16, abstol = 1e-20, maxit = 5000)
p <- fitted(score)
own <- p[cbind(seq_len(n), as.integer(f))]
tilt <- list(ate = 1, overlap = 1 / rowSums(1 / p), matching = apply(p, 1, min))
weighted <- lapply(tilt, function(h) {
  w <- h / own
  d$w <- w / mean(w)
  fit <- coxph(Surv(days, dead) ~ arm, d, weights = w, robust = TRUE, ties = "efron")
  curve <- survfit(Surv(days, dead) ~ arm, d, weights = w, robust = TRUE, id = id)
  list(
    cox = hr(fit), wald = wald(fit),
    effective_n = sapply(levels(f), function(a) sum(w[f == a])^2 / sum(w[f == a]^2)),
    survival = matrix(summary(curve, times = c(180, 365))$surv, ncol = 2, byrow = TRUE),
    smd = c(age = largest(age, w, FALSE), vi = largest(vi, w, TRUE), stage_III = largest(stage == "III", w, TRUE))
  )
})
two <- subset(d, arm != "B")
two$arm <- factor(two$arm)
e2 <- fitted(glm(arm == "C" ~ age + vi + stage, binomial, two, epsilon = 1e-14))
two$w <- ifelse(two$arm == "C", 1, e2 / (1 - e2))
out <- list(
  data = d[c("id", "arm", "age", "vi", "stage", "days", "dead")],
  kruskal = kruskal.test(age ~ arm, d)$p.value,
  welch = oneway.test(age ~ arm, d)$p.value,
  pooled = oneway.test(age ~ arm, d, var.equal = TRUE)$p.value,
  pearson = chisq.test(table(d$arm, d$stage))$p.value,
  fisher = fisher.test(table(d$arm, d$stage))$p.value,
  logrank = list(chi2 = logrank$chisq, p = pchisq(logrank$chisq, 2, lower.tail = FALSE)),
  median = unname(summary(survfit(Surv(days, dead) ~ arm, d))$table[, "median"]),
  cox = hr(plain), wald = wald(plain), zph = unname(cox.zph(plain, transform = "km")$table["GLOBAL", "p"]),
  multivariable = hr(adjusted),
  smd = c(age = largest(age, rep(1, n), FALSE), vi = largest(vi, rep(1, n), TRUE), stage_III = largest(stage == "III", rep(1, n), TRUE)),
  multinomial = list(coef = unname(coef(score)), names = colnames(coef(score))),
  weighted = weighted,
  two = list(
    cox = hr(coxph(Surv(days, dead) ~ arm, two, ties = "efron")),
    att = hr(coxph(Surv(days, dead) ~ arm, two, weights = w, robust = TRUE, ties = "efron"))
  ),
  made_by = list(R = R.version.string, survival = as.character(packageVersion("survival")), nnet = as.character(packageVersion("nnet")))
)
cat(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE), "\n", sep = "")
