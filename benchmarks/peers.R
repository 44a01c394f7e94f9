# Rscript peers.R FILE N KIND: survival, cmprsk and MatchIt on the columns that run.py wrote as doubles; a JSON line per task.
# FILE.moving holds the (start, stop] rows.
a <- commandArgs(TRUE); n <- as.integer(a[2]); suppressPackageStartupMessages(library(survival))
columns <- function(file, names) {
  size <- file.size(file) / 8
  m <- matrix(readBin(file, "double", size), ncol = length(names)); colnames(m) <- names; as.data.frame(m)
}
wide <- paste0("w", 1:40)
df <- columns(a[1], c("time", "event", "cause", "weight", "treat", paste0("x", 1:10), wide, "stratum", "score", "logit"))
moving <- columns(paste0(a[1], ".moving"), c("start", "stop", "died", paste0("c", 1:10)))
ten <- c("treat", paste0("x", 1:9))
model <- function(terms, left = "Surv(time, event)") as.formula(paste(left, "~", paste(terms, collapse = " + ")))
cox <- function(terms, ...) { f <- model(terms); function() coxph(f, df, ties = "efron", ...) }
has <- function(package, version = "0") requireNamespace(package, quietly = TRUE) && packageVersion(package) >= version
tasks <- list(
  cox = cox(ten), cox_one = cox("treat"), cox_20 = cox(c(ten, wide[1:10])), cox_50 = cox(c(ten, wide)), cox_strata = cox(c(ten, "strata(stratum)")),
  cox_counting = local({ f <- model(paste0("c", 1:10), "Surv(start, stop, died)"); function() coxph(f, moving, ties = "efron") }),
  cox_robust = if (n <= 20000 || has("survival", "3.8")) cox(ten, robust = TRUE),
  cox_weighted = if (n <= 20000 || has("survival", "3.8")) function() coxph(Surv(time, event) ~ treat, df, ties = "efron", weights = weight, robust = TRUE),
  ph_test = local({ fit <- coxph(model(ten), df); function() cox.zph(fit) }),
  kaplan_meier = function() survfit(Surv(time, event) ~ treat, df),
  logrank = function() survdiff(Surv(time, event) ~ treat, df),
  logrank_strata = function() survdiff(Surv(time, event) ~ treat + strata(stratum), df),
  concordance = function() concordance(Surv(time, event) ~ score, df, reverse = TRUE),
  rmst = function() summary(survfit(Surv(time, event) ~ treat, df), rmean = 1095)$table,
  logistic = local({ f <- model(paste0("x", 1:10), "treat"); function() glm(f, binomial, df) }))
if (has("cmprsk")) {
  tasks$incidence <- function() cmprsk::cuminc(df$time, df$cause, df$treat)
  if (n <= 1000) tasks$fine_gray <- function() cmprsk::crr(df$time, df$cause, as.matrix(df[ten]))
}
# Versions before 4.5.4 do not keep the caliper: they make other pairs.
if (has("MatchIt", "4.5.4")) {
  match <- function(...) function() MatchIt::matchit(treat ~ 1, df, method = "nearest", distance = df$logit, caliper = 0.2, ...)
  tasks$match_largest <- match(m.order = "largest"); tasks$match_data <- match(m.order = "data")
  tasks$match_closest <- match(m.order = "closest")
  if (n <= 1e5) tasks$match_four <- match(m.order = "largest", ratio = 4)
  if (has("optmatch") && n <= 1e4) tasks$match_optimal <- function() MatchIt::matchit(treat ~ 1, df, method = "optimal", distance = df$logit)
}
for (task in names(tasks)) {
  f <- tasks[[task]]; if (is.null(f)) next
  # system.time has steps of a millisecond: short calls are made several times within one.
  gc(FALSE); first <- sum(system.time(f())[1:2]); repeats <- max(1, min(50, floor(0.05 / max(first, 0.001))))
  runs <- if (n <= 1e4) 5 else 3; cpu <- wall <- c()
  for (i in 1:runs) {
    gc(FALSE); t <- system.time(for (k in seq_len(repeats)) f()); cpu <- c(cpu, sum(t[1:2]) / repeats); wall <- c(wall, t[[3]] / repeats)
    if (sum(wall) > 6) break
  }
  cat(sprintf('{"side": "R", "n": %d, "kind": "%s", "task": "%s", "wall": %.6f, "cpu": %.6f, "runs": %d}\n', n, a[3], task, median(wall), median(cpu), length(cpu)))
}
