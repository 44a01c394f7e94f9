# What R says about the women of GBSG-2 who received hormonal therapy, as a single arm. R 4.2.2, survival 3.5-3.
#   Rscript gbsg2_single_arm.R gbsg2_analysis.csv gbsg2_single_arm.json
library(survival); library(jsonlite)
args <- commandArgs(TRUE)
d <- subset(read.csv(args[1], stringsAsFactors = FALSE), horTh == "yes")
d$menostat <- factor(d$menostat, c("Pre", "Post")); d$tgrade <- factor(d$tgrade, c("I", "II", "III"))
control <- coxph.control(eps = 1e-13, iter.max = 50)
out <- list()
put <- function(key, value, low = NA, high = NA) out[[key]] <<- c(value, low, high)

curve <- function(data, population = "") {
  fit <- survfit(Surv(time, cens) ~ 1, data); q <- quantile(fit, 0.5)
  key <- function(rest) paste0("survival.rfs.unadjusted.kaplan_meier.", population, rest)
  put(key("hormone.median"), q$quantile, q$lower, q$upper); put(key("hormone.events"), sum(data$cens))
  for (years in c(1, 3, 5)) {
    s <- summary(fit, times = years * 365.25)
    put(key(paste0(years, "_years.hormone.survival")), s$surv, s$lower, s$upper)
  }
}
curve(d)
curve(subset(d, pnodes <= 3), "node_groups_le3."); curve(subset(d, pnodes > 3), "node_groups_gt3.")
r <- quantile(survfit(Surv(time, 1 - cens) ~ 1, d), 0.5)
put("survival.rfs.unadjusted.follow_up.hormone.median", r$quantile, r$lower, r$upper)

model <- function(formula, analysis) {
  fit <- coxph(formula, d, control = control); fit <- coxph(formula, d, control = control, init = coef(fit))
  b <- coef(fit); ci <- exp(confint(fit)); p <- summary(fit)$coefficients[, "Pr(>|z|)"]
  names <- c(age = "age", menostatPost = "menopause.post", tsize = "size", tgradeII = "grade.ii", tgradeIII = "grade.iii",
             pnodes = "nodes", progrec = "pgr", estrec = "er")
  for (i in seq_along(b)) {
    key <- paste("survival.rfs.unadjusted", analysis, names[[names(b)[i]]], sep = ".")
    put(paste0(key, ".hr"), exp(b[[i]]), ci[i, 1], ci[i, 2]); put(paste0(key, ".p"), p[[i]])
  }
  fit
}
for (x in c("age", "menostat", "tsize", "tgrade", "pnodes", "progrec", "estrec"))
  model(reformulate(x, "Surv(time, cens)"), "cox_univariable")
fit <- model(Surv(time, cens) ~ age + menostat + tsize + tgrade + pnodes + progrec + estrec, "cox_multivariable")
put("survival.rfs.unadjusted.cox_multivariable_ph_test.all.p", cox.zph(fit)$table["GLOBAL", "p"])
for (g in c("I", "II", "III")) {
  put(paste0("baseline.unadjusted.grade.", tolower(g), ".hormone.n"), sum(d$tgrade == g))
  put(paste0("baseline.unadjusted.grade.", tolower(g), ".hormone.percent"), 100 * mean(d$tgrade == g))
}
for (i in 1:3) put(paste0("baseline.unadjusted.er.hormone.", c("q1", "median", "q3")[i]), quantile(d$estrec, i / 4, names = FALSE))
write(toJSON(out, digits = 15, na = "null", auto_unbox = FALSE), args[2])
