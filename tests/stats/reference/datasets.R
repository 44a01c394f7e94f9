# Writes ../data/*.csv from the data sets of R survival. Run in this folder: Rscript datasets.R
library(survival)
write <- function(name, time, event, group, stratum, cluster, X, cause = event) {
  X <- as.matrix(X); colnames(X) <- paste0("x", seq_len(ncol(X)))
  d <- data.frame(time = time, event = event, cause = cause, group = group, stratum = stratum, cluster = cluster, X)
  d <- d[complete.cases(d), ]
  i <- seq_len(nrow(d))
  d$weight <- round(0.25 + ((i * 37) %% 101) / 50, 2)
  d$frequency <- 1 + (i * 7) %% 3
  d$entry <- floor(d$time * ((i * 13) %% 10) / 14)
  write.csv(d, file.path("..", "data", paste0(name, ".csv")), row.names = FALSE)
}
with(lung, write("lung", time, as.integer(status == 2), sex, ifelse(ph.ecog > 1, 2, ph.ecog), inst, cbind(sex, age, ph.ecog)))
with(lung, write("lung_months", floor(time / 30.4375) + 1, as.integer(status == 2), sex, ifelse(ph.ecog > 1, 2, ph.ecog), inst, cbind(sex, age, ph.ecog)))
with(veteran, write("veteran", time, status, as.integer(celltype), prior, age, cbind(trt, karno, diagtime, age, prior, celltype == "squamous", celltype == "large")))
with(pbc[1:312, ], write("pbc", time, as.integer(status == 2), trt, stage, (id * 5) %% 60,
  cbind(age, edema, log(bili), log(protime), log(albumin), trt), cause = ifelse(status == 2, 1, ifelse(status == 1, 2, 0))))
with(aml, write("aml", time, status, as.integer(x), seq_along(time) %% 2, seq_along(time) %% 7, cbind(as.integer(x == "Maintained"))))
with(ovarian, write("ovarian", futime, fustat, rx, ecog.ps, seq_along(futime) %% 9, cbind(age, rx, resid.ds, ecog.ps)))
with(gbsg, write("gbsg", rfstime, status, hormon, grade, pid %% 80, cbind(hormon, age, size, nodes, pgr / 100, grade)))
