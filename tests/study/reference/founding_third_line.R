# Rscript founding_third_line.R, in this folder: survival by third line within each arm of the founding cohort, from its
# analysis-level file (an independent reading of the raw tables): naive, time-dependent from progression, landmark.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
d <- read.csv("../../../src/equipoise/founding/cohort.csv")
d$progressed <- d$pfs_kind %in% c("radiologic", "clinical") & d$os_days > d$pfs_days
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
one <- function(a) {
  naive <- survdiff(Surv(os_days, os_event) ~ third_line, a)
  p <- a[a$progressed, ]; p$id <- seq_len(nrow(p)); p$time <- p$os_days - p$pfs_days; p$start <- p$third_line_start_day - p$pfs_days
  m <- tmerge(p, p, id = id, died = event(time, os_event), on = tdc(start))
  f <- coxph(Surv(tstart, tstop, died) ~ on, m, control = control)
  l <- p[p$time > 42, ]; l$by_then <- !is.na(l$start) & l$start <= 42
  lm <- survdiff(Surv(time - 42, os_event) ~ by_then, l)
  list(naive_p = 1 - pchisq(naive$chisq, 1), n = nrow(p), hr = unname(exp(coef(f))), conf = unname(exp(confint(f))[1, ]),
    p = summary(f)$coefficients[1, 5], landmark_n = as.numeric(table(l$by_then)), landmark_p = 1 - pchisq(lm$chisq, 1))
}
out <- list()
for (arm in c("lenvatinib", "sorafenib")) for (design in c("unadjusted", "matched")) {
  out[[arm]][[design]] <- one(d[d$arm == arm & (design == "unadjusted" | d$matched == 1), ])
}
write_json(list(made_by = list(R = R.version.string, survival = as.character(packageVersion("survival"))), results = out),
  "founding_third_line.json", digits = NA, auto_unbox = TRUE)
