# What R says about the GBSG-2 study weighted to five targets, the weights made here by their formulas from glm. R 4.2.2, survival 3.5-3,
# survey 4.1-1.
#   Rscript gbsg2_weights.R gbsg2_analysis.csv gbsg2_weights.json
suppressPackageStartupMessages({ library(survival); library(survey) })
args <- commandArgs(TRUE)
d <- read.csv(args[1], stringsAsFactors = FALSE)
d$hormone <- as.numeric(d$horTh == "yes"); d$menopause <- as.numeric(d$menostat == "Post")
d$tgrade <- factor(d$tgrade, c("I", "II", "III")); d$id <- seq_len(nrow(d))
d$level <- ifelse(d$pnodes <= 3, "le3", "gt3")
control <- coxph.control(eps = 1e-13, iter.max = 50)
score <- glm(hormone ~ age + menopause + tsize + tgrade + pnodes + progrec + estrec, binomial, d, epsilon = 1e-14, maxit = 100)
e <- fitted(score); t <- d$hormone
targets <- list(
  att = ifelse(t == 1, 1, e / (1 - e)), ate = ifelse(t == 1, 1 / e, 1 / (1 - e)), atc = ifelse(t == 1, (1 - e) / e, 1),
  overlap = ifelse(t == 1, 1 - e, e), mw = pmin(e, 1 - e) / ifelse(t == 1, e, 1 - e))
out <- list()
put <- function(key, value, low = NA, high = NA) out[[key]] <<- unname(c(value, low, high))
names_of <- c(age = "age", tsize = "size", pnodes = "nodes", progrec = "pgr", estrec = "er")
shown <- c(yes = "hormone", no = "none")

ratio <- function(data, key) {
  fit <- coxph(Surv(time, cens) ~ hormone, data, weights = w, robust = TRUE, id = id, control = control)
  ci <- exp(confint(fit)); s <- summary(fit)$coefficients
  put(paste0(key, ".hormone-vs-none.hr"), exp(coef(fit)), ci[1], ci[2]); put(paste0(key, ".hormone-vs-none.p"), s[1, "Pr(>|z|)"])
}
km <- function(data, base, tail, reverse = FALSE) {
  event <- if (reverse) 1 - data$cens else data$cens
  fit <- survfit(Surv(data$time, event) ~ 1, weights = data$w, robust = TRUE, id = data$id)
  q <- quantile(fit, 0.5); put(paste0(base, tail, ".median"), q$quantile, q$lower, q$upper)
  if (!reverse) for (at in c(365, 1095)) {
    s <- summary(fit, times = at); put(paste0(base, ".", at, "_days", tail, ".survival"), s$surv, s$lower, s$upper)
  }
}
smd <- function(x, w, sd) (weighted.mean(x[t == 1], w[t == 1]) - weighted.mean(x[t == 0], w[t == 0])) / sd
wvar <- function(x, w) cov.wt(cbind(x), w / sum(w), method = "unbiased")$cov[1]

for (name in names(targets)) {
  d$w <- w <- targets[[name]]
  arm <- function(value) d[d$horTh == value, ]
  ratio(d, paste0("survival.rfs.", name, ".cox"))
  for (value in names(shown)) {
    a <- arm(value); s <- shown[[value]]; design <- svydesign(ids = ~1, weights = ~w, data = a)
    put(paste0("design.", name, ".effective_n.", s, ".value"), sum(a$w)^2 / sum(a$w^2))
    put(paste0("design.", name, ".largest_weight.", s, ".value"), max(a$w) / mean(a$w))
    km(a, paste0("survival.rfs.", name, ".kaplan_meier"), paste0(".", s))
    km(a, paste0("survival.rfs.", name, ".follow_up"), paste0(".", s), TRUE)
    put(paste0("survival.rfs.", name, ".event_count.", s, ".percent"), 100 * weighted.mean(a$cens, a$w))
    for (v in names(names_of)) {
      key <- paste0("baseline.", name, ".", names_of[[v]], ".", s)
      put(paste0(key, ".mean"), svymean(a[[v]], design)[1]); put(paste0(key, ".sd"), sqrt(wvar(a[[v]], a$w)))
      q <- svyquantile(reformulate(v), design, c(0.25, 0.5, 0.75), qrule = "hf2", ci = FALSE)[[1]]
      for (i in 1:3) put(paste0(key, ".", c("q1", "median", "q3")[i]), as.numeric(q)[i])
    }
    for (g in levels(d$tgrade)) {
      key <- paste0("baseline.", name, ".grade.", tolower(g), ".", s); hit <- a$tgrade == g
      put(paste0(key, ".n"), sum(a$w[hit])); put(paste0(key, ".percent"), 100 * sum(a$w[hit]) / sum(a$w))
    }
  }
  for (v in names(names_of)) {  # the SD of the unadjusted sample: of the arm that is the target, else pooled
    x <- d[[v]]; v1 <- var(x[t == 1]); v0 <- var(x[t == 0]); key <- paste0("baseline.", name, ".", names_of[[v]])
    put(paste0(key, ".smd"), smd(x, w, sqrt(switch(name, att = v1, atc = v0, (v1 + v0) / 2))))
    w1 <- wvar(x[t == 1], w[t == 1]); w0 <- wvar(x[t == 0], w[t == 0])
    put(paste0(key, ".smd_within"), smd(x, w, sqrt((w1 + w0) / 2))); put(paste0(key, ".variance_ratio"), w1 / w0)
  }
  x <- d$menopause; p <- function(arm) mean(x[t == arm]); v1 <- p(1) * (1 - p(1)); v0 <- p(0) * (1 - p(0))
  put(paste0("baseline.", name, ".menopause.post.smd"), smd(x, w, sqrt(switch(name, att = v1, atc = v0, (v1 + v0) / 2))))
  for (l in c("le3", "gt3")) ratio(d[d$level == l, ], paste0("survival.rfs.", name, ".cox.node_groups_", l))
  both <- coxph(Surv(time, cens) ~ hormone * level, d, weights = w, robust = TRUE, id = id, control = control)
  put(paste0("survival.rfs.", name, ".interaction.node_groups.p"), summary(both)$coefficients["hormone:levelle3", "Pr(>|z|)"])
  # Two tests whose P hangs on the scale of the weights: the same weights once and doubled.
  chi2 <- function(k) { d$w <- k * targets[[name]]; fit <- coxph(Surv(time, cens) ~ hormone, d, weights = w, control = control); c(cox.zph(fit)$table[1, "chisq"], summary(fit)$sctest[["test"]]) }
  put(paste0("scale.", name, ".ph_test"), chi2(1)[1], chi2(2)[1]); put(paste0("scale.", name, ".score_test"), chi2(1)[2], chi2(2)[2])
}
number <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 17, format = "g", width = 1))
lines <- vapply(names(out), function(k) paste0('"', k, '": [', paste(number(out[[k]]), collapse = ", "), "]"), "")
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), args[2])
