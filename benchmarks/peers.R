# Rscript peers.R FILE N KIND: survival and cmprsk on the columns that run.py wrote as doubles; a JSON line per task.
a <- commandArgs(TRUE); n <- as.integer(a[2]); suppressPackageStartupMessages(library(survival))
m <- matrix(readBin(a[1], "double", n * 15), n); colnames(m) <- c("time", "event", "cause", "weight", "treat", paste0("x", 1:10)); df <- as.data.frame(m)
f10 <- reformulate(c("treat", paste0("x", 1:9)), "Surv(time, event)")
tasks <- list(
  cox = function() coxph(f10, df, ties = "efron"), cox_one = function() coxph(Surv(time, event) ~ treat, df),
  cox_robust = if (n <= 20000) function() coxph(f10, df, robust = TRUE), cox_weighted = if (n <= 20000) function() coxph(Surv(time, event) ~ treat, df, weights = weight, robust = TRUE),
  ph_test = { fit <- coxph(f10, df); function() cox.zph(fit) }, kaplan_meier = function() survfit(Surv(time, event) ~ treat, df), logrank = function() survdiff(Surv(time, event) ~ treat, df),
  rmst = function() summary(survfit(Surv(time, event) ~ treat, df), rmean = 1095)$table, logistic = function() glm(reformulate(paste0("x", 1:10), "treat"), binomial, df))
if (requireNamespace("cmprsk", quietly = TRUE)) { tasks$incidence <- function() cmprsk::cuminc(df$time, df$cause, df$treat)
  if (n <= 1000) tasks$fine_gray <- function() cmprsk::crr(df$time, df$cause, as.matrix(df[c("treat", paste0("x", 1:9))])) }
for (task in names(tasks)) { f <- tasks[[task]]; if (is.null(f)) next
  runs <- if (n <= 1e4) 5 else 3; cpu <- wall <- c(); for (i in 0:runs) { gc(FALSE); t <- system.time(f()); cpu <- c(cpu, sum(t[1:2])); wall <- c(wall, t[[3]]); if (sum(wall) > 60) break }
  k <- if (length(cpu) > 1) -1 else 1
  cat(sprintf('{"side": "R", "n": %d, "kind": "%s", "task": "%s", "wall": %.6f, "cpu": %.6f, "runs": %d}\n', n, a[3], task, median(wall[k]), median(cpu[k]), length(cpu[k]))) }
