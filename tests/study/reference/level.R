# Rscript level.R, in this folder: limits of 90 % on the German breast cancer data (writes level.json)
suppressPackageStartupMessages(library(survival))
d <- read.csv("../../../src/equipoise/verify/gbsg2/gbsg2.csv"); d$none <- as.numeric(d$horTh == "no"); d$treated <- 1 - d$none
s <- summary(coxph(Surv(time, cens) ~ treated, d), conf.int = 0.9)$conf.int
m <- quantile(survfit(Surv(time, cens) ~ 1, d[d$treated == 0, ], conf.int = 0.9, conf.type = "log"), 0.5)
multi <- summary(coxph(Surv(time, cens) ~ age + treated, d), conf.int = 0.9)$conf.int["treated", ]
num <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
writeLines(sprintf('{"made_by": "%s, survival %s", "hr": %s, "median": %s, "adjusted": %s}', R.version.string, packageVersion("survival"),
  num(s[c(1, 3, 4)]), num(c(m$quantile, m$lower, m$upper)), num(multi[c(1, 3, 4)])), "level.json")
