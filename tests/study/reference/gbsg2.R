# What R says about the GBSG-2 study, given the matched pairs. R 4.2.2, survival 3.5-3.
#   Rscript gbsg2.R gbsg2_analysis.csv gbsg2.json      (gbsg2_analysis.csv: the spreadsheet and `pair`, 0 = unmatched)
library(survival); library(jsonlite)
args <- commandArgs(TRUE)
d <- read.csv(args[1], stringsAsFactors = FALSE)
d$hormone <- as.numeric(d$horTh == "yes")
d$menopause <- as.numeric(d$menostat == "Post")
d$tgrade <- factor(d$tgrade, c("I", "II", "III"))
control <- coxph.control(eps = 1e-13, iter.max = 50)
out <- list()
put <- function(key, value, low = NA, high = NA) out[[key]] <<- c(value, low, high)

km <- function(data, design) for (arm in c("yes", "no")) {
  fit <- survfit(Surv(time, cens) ~ 1, data[data$horTh == arm, ])
  q <- quantile(fit, 0.5)
  name <- c(yes = "hormone", no = "none")[[arm]]
  put(paste0("survival.rfs.", design, ".kaplan_meier.", name, ".median"), q$quantile, q$lower, q$upper)
}
effect <- function(data, design, cluster = FALSE) {
  test <- survdiff(Surv(time, cens) ~ horTh, data)
  put(paste0("survival.rfs.", design, ".logrank.chi2"), test$chisq)
  put(paste0("survival.rfs.", design, ".logrank.p"), pchisq(test$chisq, 1, lower.tail = FALSE))
  fit <- if (cluster) coxph(Surv(time, cens) ~ hormone, data, cluster = pair, control = control)
         else coxph(Surv(time, cens) ~ hormone, data, control = control)
  ci <- exp(confint(fit)); s <- summary(fit)$coefficients
  put(paste0("survival.rfs.", design, ".cox.hormone-vs-none.hr"), exp(coef(fit)), ci[1], ci[2])
  put(paste0("survival.rfs.", design, ".cox.hormone-vs-none.p"), s[1, ncol(s)])
  plain <- coxph(Surv(time, cens) ~ hormone, data, control = control)
  put(paste0("survival.rfs.", design, ".ph_test.treatment.p"), cox.zph(plain)$table["GLOBAL", "p"])
}
km(d, "unadjusted"); effect(d, "unadjusted")
m <- d[d$pair > 0, ]
km(m, "matched"); effect(m, "matched", TRUE)
within <- coxph(Surv(time, cens) ~ hormone + strata(pair), m, control = control)
ci <- exp(confint(within))
put("survival.rfs.matched.cox_pair_stratified.hormone-vs-none.hr", exp(coef(within)), ci[1], ci[2])

reverse <- quantile(survfit(Surv(time, 1 - cens) ~ 1, d), 0.5)
put("survival.rfs.unadjusted.follow_up.total.median", reverse$quantile, reverse$lower, reverse$upper)

multi <- coxph(Surv(time, cens) ~ age + menopause + tsize + tgrade + pnodes + progrec + estrec + hormone, d, control = control)
ci <- exp(confint(multi)); s <- summary(multi)$coefficients
names <- c("age", "menopause.post", "size", "grade.ii", "grade.iii", "nodes", "pgr", "er", "treatment")
for (k in seq_along(names)) {
  put(paste0("survival.rfs.unadjusted.cox_multivariable.", names[k], ".hr"), exp(coef(multi))[k], ci[k, 1], ci[k, 2])
  put(paste0("survival.rfs.unadjusted.cox_multivariable.", names[k], ".p"), s[k, 5])
}
grade <- coxph(Surv(time, cens) ~ tgrade, d, control = control); ci <- exp(confint(grade))
put("survival.rfs.unadjusted.cox_univariable.grade.ii.hr", exp(coef(grade))[1], ci[1, 1], ci[1, 2])
put("survival.rfs.unadjusted.cox_univariable.grade.iii.hr", exp(coef(grade))[2], ci[2, 1], ci[2, 2])

ps <- glm(hormone ~ age + menopause + tsize + tgrade + pnodes + progrec + estrec, binomial, d, epsilon = 1e-14, maxit = 50)
psn <- c("intercept", "age", "menopause.post", "size", "grade.ii", "grade.iii", "nodes", "pgr", "er")
for (k in seq_along(psn)) {
  put(paste0("design.matched.propensity.", psn[k], ".coef"), coef(ps)[k])
  put(paste0("design.matched.propensity.", psn[k], ".se"), sqrt(diag(vcov(ps)))[k])
}
put("design.matched.score_sd.value", sd(predict(ps)))

pair <- m[order(m$pair, -m$hormone), ]; a <- pair[pair$hormone == 1, ]; b <- pair[pair$hormone == 0, ]
for (v in list(c("age", "age"), c("size", "tsize"), c("nodes", "pnodes"), c("pgr", "progrec"), c("er", "estrec"))) {
  x <- d[[v[2]]]
  q <- quantile(x, c(.25, .5, .75), type = 7)
  for (k in 1:3) put(paste0("baseline.unadjusted.", v[1], ".total.", c("q1", "median", "q3")[k]), q[[k]])
  put(paste0("baseline.unadjusted.", v[1], ".p"), suppressWarnings(wilcox.test(x[d$hormone == 1], x[d$hormone == 0])$p.value))
  put(paste0("baseline.matched.", v[1], ".p"), suppressWarnings(wilcox.test(a[[v[2]]], b[[v[2]]], paired = TRUE)$p.value))
}
put("baseline.unadjusted.menopause.p", chisq.test(d$menostat, d$horTh)$p.value)
put("baseline.unadjusted.grade.p", chisq.test(d$tgrade, d$horTh)$p.value)
put("baseline.matched.menopause.p", mcnemar.test(table(a$menostat, b$menostat))$p.value)
writeLines(toJSON(lapply(out, unname), digits = NA, na = "null", pretty = FALSE), args[2])
