# Matched units, weights and totals of MatchIt 4.7.2 (never 4.5.1-4.5.3, which do not honour calipers) and optmatch for every option set
# of design/, each nearest-neighbour case beside a second matcher written from the rules alone; rows that differ there hang on a tie.
# Usage: Rscript matchit_sets.R OUTDIR LALONDE_CSV NHEFS_CSV COHORT_CSV, then python matchit_sets.py OUTDIR, which trims the three files to
# matchit_sets.json. Needs MatchIt, optmatch, MASS. lalonde_matchit.csv: MatchIt's own lalonde with an id; nhefs.csv: Hernan and Robins.
a <- commandArgs(TRUE); `%||%` <- function(x, y) if (is.null(x)) y else x
Sys.setlocale("LC_COLLATE", "C"); options(warn = 1, digits = 15, chk_class_suppress = TRUE)
suppressPackageStartupMessages(library(MatchIt)); stopifnot(packageVersion("MatchIt") >= "4.7.2")
has <- function(p) requireNamespace(p, quietly = TRUE)
versions <- function() Filter(Negate(is.null), c(list(R = R.version.string), sapply(c("MatchIt", "optmatch", "rlemon"), function(p) if (has(p)) as.character(packageVersion(p)), simplify = FALSE)))
# ---- JSON (own writer: jsonlite stops at 15 digits) ----
esc <- function(s) { s <- gsub("\\", "\\\\", s, fixed = TRUE); s <- gsub('"', '\\"', s, fixed = TRUE); s <- gsub("\n", "\\n", s, fixed = TRUE); paste0('"', s, '"') }
num <- function(x) { o <- sprintf("%.17g", x); i <- is.finite(x) & x == round(x) & abs(x) < 1e15; o[i] <- sprintf("%.0f", x[i])
  s <- sprintf("%.10g", x); k <- is.finite(x) & !i; k[k] <- as.numeric(s[k]) == x[k]; o[k] <- s[k]; o[!is.finite(x)] <- "null"; o[is.finite(x) & x == 0] <- "0"; o }
js <- function(x, top = FALSE) {
  if (is.null(x)) return("null")
  if (inherits(x, "AsIs")) { x <- unclass(x); one <- FALSE } else one <- TRUE
  if (is.data.frame(x)) x <- as.list(x)
  if (is.factor(x)) x <- as.character(x)
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(r) js(I(unname(r)))), collapse = ","), "]"))
  if (is.list(x)) { if (!length(x)) return("[]"); v <- vapply(x, js, ""); if (is.null(names(x))) return(paste0("[", paste(v, collapse = ",\n"), "]")); return(paste0("{", paste0(esc(names(x)), ":", v, collapse = ",\n"), "}")) }
  v <- if (is.character(x)) ifelse(is.na(x), "null", esc(x)) else if (is.logical(x)) ifelse(is.na(x), "null", ifelse(x, "true", "false")) else num(as.numeric(x))
  if (!is.null(names(x)) && one) return(paste0("{", paste0(esc(names(x)), ":", v, collapse = ","), "}"))
  if (length(v) == 1 && one) v else paste0("[", paste(v, collapse = ","), "]") }
put <- function(x, f) { dir.create(dirname(f), FALSE, TRUE); writeLines(js(x), f, useBytes = TRUE); cat(sprintf("%-48s %8.1f kB\n", basename(f), file.size(f) / 1e3)) }
nl <- function(v) as.list(v)
warned <- character(); quiet <- function(e) { w <- character(); v <- withCallingHandlers(tryCatch(e, error = function(x) structure(list(message = conditionMessage(x)), class = "failed")), warning = function(x) { w <<- c(w, conditionMessage(x)); invokeRestart("muffleWarning") }, message = function(x) invokeRestart("muffleMessage")); warned <<- unique(gsub("\\s+", " ", w)); v }
idv <- function(x) { n <- suppressWarnings(as.numeric(x)); if (all(!is.na(n))) n else x }

# ---- 1 matching ----
# one case: the call is text, evaluated with `d` (row names are the ids) and `f` (the formula)
match_case <- function(id, call, d, f, light = FALSE, env = list()) {
  m <- quiet(eval(parse(text = call)[[1]], c(list(d = d, f = f), env), globalenv())); o <- list(id = id, call = call)
  if (inherits(m, "failed")) { o$error <- m$message; return(list(out = o, m = NULL)) }
  if (length(warned)) o$warnings <- I(warned); nf <- sum(vapply(model.frame(f, d)[-1], function(v) is.factor(v) || is.character(v), NA)); if (nf > 1 && grepl("distance=.mahalanobis", call) && !grepl("maha_num", id)) o$defect <- "MatchIt 4.7.2 computes a wrong Mahalanobis distance with two or more multi-level factors (pivoted Cholesky of a rank-deficient inverse, trailing block not zeroed): a record of what it does, NOT a target; see maha_right_*"
  o$estimand <- m$estimand; if (!is.null(m$caliper)) { cc <- unclass(m$caliper); attributes(cc) <- list(names = ifelse(names(cc) == "", "distance", names(cc))); o$caliper_absolute <- as.list(cc) }
  tr <- m$treat; ids <- names(tr); w <- unname(m$weights); t1 <- tr == if (identical(m$estimand, "ATC") && !is.null(m$match.matrix)) 0 else 1
  mm <- m$match.matrix
  if (!is.null(mm)) { k <- which(!is.na(t(mm)), arr.ind = TRUE) # column = focal row, row = rank
    o$pairs <- list(focal = I(idv(rownames(mm)[k[, 2]])), match = I(idv(t(mm)[!is.na(t(mm))])), rank = if (ncol(mm) > 1) I(unname(k[, 1])) else NULL); o$pairs <- Filter(Negate(is.null), o$pairs)
    o$n_pairs <- nrow(k); o$n_focal_matched <- sum(!is.na(mm[, 1])); o$n_other_used <- length(unique(na.omit(c(mm)))) }
  o$n_used <- list(treated = sum(w[tr == 1] > 0), control = sum(w[tr == 0] > 0)); 
  o$ess <- list(treated = sum(w[tr == 1])^2 / sum(w[tr == 1]^2), control = sum(w[tr == 0])^2 / sum(w[tr == 0]^2))
  o$unmatched_treated <- I(idv(ids[tr == 1 & w == 0])); o$n_unmatched_control <- sum(tr == 0 & w == 0)
  if (!light) o$unmatched_control <- I(idv(ids[tr == 0 & w == 0]))
  sc <- if (!is.null(m$subclass)) as.integer(as.character(m$subclass)) else NULL; per <- NULL # weights constant inside arm x class are stored per class
  if (!is.null(sc)) { u <- !is.na(sc); key <- paste(sc, tr)[u]; if (all(tapply(w[u], key, function(z) max(z) - min(z)) < 1e-12)) per <- data.frame(class = sort(unique(sc[u]))) ; if (!is.null(per)) { per$n_treated <- as.integer(sapply(per$class, function(k) sum(u & sc == k & tr == 1))); per$n_control <- as.integer(sapply(per$class, function(k) sum(u & sc == k & tr == 0))); per$w_treated <- sapply(per$class, function(k) w[u & sc == k & tr == 1][1]); per$w_control <- sapply(per$class, function(k) w[u & sc == k & tr == 0][1]) } }
  if (all(w %in% c(0, 1))) o$weights <- "all matched units 1" else if (!is.null(per) && is.null(mm)) o$weights_by_class <- lapply(per, I) else { u <- w > 0; o$weights <- list(id = I(idv(ids[u])), w = I(w[u])) }
  if (!is.null(sc) && is.null(mm)) { o$subclass <- if (all(!is.na(sc))) list(ids = "distance.ids", class = I(sc)) else list(id = I(idv(ids[!is.na(sc)])), class = I(sc[!is.na(sc)])) }
  if (grepl("method='full'", call)) { z <- split(seq_along(tr), sc); o$distance_sum_abs <- sum(sapply(z, function(i) { t <- i[tr[i] == 1]; c0 <- i[tr[i] == 0]; sum(abs(outer(m$distance[t], m$distance[c0], "-"))) })) }
  if (!is.null(m$q.cut)) o$cut <- I(unname(m$q.cut))
  if (!is.null(mm) && !is.null(m$distance)) { dd <- m$distance[rownames(mm)[k[, 2]]] - m$distance[t(mm)[!is.na(t(mm))]]; o$distance_sum_abs <- sum(abs(dd)); o$distance_max_abs <- max(abs(dd)) }
  list(out = o, m = m) }
match_set <- function(cases, d, f, label, light = FALSE, env = list()) {
  g <- glm(f, binomial, d); g14 <- glm(f, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100)); ms <- list(); out <- list(); if (any(grepl("distance=D", unlist(cases)))) env$D <- maha_matrix(f, d, d[[all.vars(f)[1]]])[d[[all.vars(f)[1]]] == 1, d[[all.vars(f)[1]]] == 0]
  for (i in names(cases)) { r <- match_case(i, cases[[i]], d, f, light, env); out[[length(out) + 1]] <- r$out; ms[[i]] <- r$m }
  list(json = list(data = label, formula = deparse1(f), versions = versions(), n = list(all = nrow(d), treated = sum(d[[all.vars(f)[1]]]), control = sum(1 - d[[all.vars(f)[1]]])),
    distance = list(ids = I(idv(rownames(d))), linear.logit = I(unname(g$linear.predictors)), ps = I(unname(fitted(g))), sd_linear_logit = sd(g$linear.predictors), sd_ps = sd(fitted(g)),
      note = "R glm default epsilon 1e-8, the values MatchIt matches on; sd over all rows, n - 1", max_abs_change_of_logit_at_epsilon_1e14 = max(abs(g$linear.predictors - g14$linear.predictors)), coef_epsilon_1e14 = nl(coef(g14))),
    cases = out), m = ms) }

# second method: own greedy matcher on a vector distance, tie rule as MatchIt, fixed ratio, largest/smallest/data/closest/farthest, caliper, exact, antiexact, covariate calipers
greedy <- function(dist, treat, order = "largest", cal = Inf, ratio = 1, ok = function(i, js) rep(TRUE, length(js)), reuse = 1, D = NULL) { # ratio: one number or one per treated; D: full distance matrix instead of |dist - dist|
  n <- length(treat); T1 <- which(treat == 1); C0 <- which(treat == 0); left_of <- rep(reuse, n); rt <- rep_len(ratio, length(T1)); mm <- matrix(NA_integer_, length(T1), max(rt)); live <- rep(TRUE, length(T1)); pos <- if (is.null(D)) order(order(dist)) else seq_len(n)
  gap <- function(i, j) if (is.null(D)) abs(dist[i] - dist[j]) else D[i, j]
  best <- function(a, r) { i <- T1[a]; cand <- C0[left_of[C0] > 0]; if (r > 1) cand <- setdiff(cand, mm[a, ]); if (!length(cand)) return(NA); dd <- gap(i, cand); k <- dd <= cal; cand <- cand[k]; dd <- dd[k]; if (!length(cand)) return(NA)
    k <- ok(i, cand); cand <- cand[k]; dd <- dd[k]; if (!length(cand)) return(NA); z <- cand[dd == min(dd)]; left <- z[pos[z] < pos[i]]; if (length(left)) left[which.max(pos[left])] else z[which.min(pos[z])] }
  if (order %in% c("largest", "smallest", "data")) { o <- switch(order, largest = order(dist[T1], decreasing = TRUE), smallest = order(dist[T1]), data = seq_along(T1))
    for (r in seq_len(max(rt))) for (a in o) if (live[a] && rt[a] >= r) { b <- best(a, r); if (is.na(b)) { if (is.finite(reuse)) live[a] <- FALSE; next }; mm[a, sum(!is.na(mm[a, ])) + 1] <- b; left_of[b] <- left_of[b] - 1 }
  } else for (r in seq_len(max(rt))) { # a queue: pairs by distance, ties in row order; a pair that lost its control is looked up again and put BEFORE (closest) / AFTER (farthest) those of equal distance
    b <- vapply(seq_along(T1), function(a) if (live[a] && rt[a] >= r) as.numeric(best(a, r)) else NA_real_, 0); live[is.na(b) & rt >= r] <- FALSE; dd <- gap2 <- rep(NA_real_, length(T1)); for (a in which(!is.na(b))) dd[a] <- gap(T1[a], b[a])
    q <- which(!is.na(b)); q <- q[order(dd[q], decreasing = order == "farthest")]
    while (length(q)) { a <- q[1]; q <- q[-1]; if (left_of[b[a]] > 0) { mm[a, sum(!is.na(mm[a, ])) + 1] <- b[a]; left_of[b[a]] <- left_of[b[a]] - 1; next }
      nb <- best(a, r); if (is.na(nb)) { live[a] <- FALSE; next }; b[a] <- nb; dd[a] <- gap(T1[a], nb); k <- if (order == "closest") sum(dd[q] < dd[a]) else sum(dd[q] >= dd[a]); q <- append(q, a, k) } }
  mm }
same_mm <- function(m, mm) { a <- unname(m$match.matrix); ids <- names(m$treat); b <- matrix(ids[mm], nrow(mm)); if (ncol(a) < ncol(b)) b <- b[, seq_len(ncol(a)), drop = FALSE]; c(rows = nrow(a), differ = sum(rowSums((a != b) %in% TRUE | is.na(a) != is.na(b)) > 0)) }

dummies <- function(f, d, drop = TRUE) { mf <- model.frame(f, d); X <- model.matrix(f, mf, contrasts.arg = lapply(Filter(function(x) is.factor(x) || is.character(x), mf[-1]), function(x) contrasts(factor(x), contrasts = drop)))[, -1, drop = FALSE]; X }
# ---- case lists (text of the R call; f = formula, d = data frame with ids as row names) ----
nearest_cases <- function(exact, antiexact, covcal, mahvars, small = FALSE, ratio_max = 3, discard = TRUE, mahaf = NULL) {
  N <- "matchit(f, d, method='nearest', distance='glm', link='linear.logit', %s)"; P <- "matchit(f, d, method='nearest', distance='glm', link='logit', %s)"; o5 <- c("largest", "smallest", "closest", "farthest", "data"); z <- list()
  for (o in o5) { z[[paste0("logit_nocal_", o)]] <- sprintf(N, sprintf("m.order='%s'", o)); z[[paste0("logit_cal0.2sd_", o)]] <- sprintf(N, sprintf("caliper=.2, std.caliper=TRUE, m.order='%s'", o))
    if (!small || o %in% c("largest", "closest")) { z[[paste0("logit_cal0.1sd_", o)]] <- sprintf(N, sprintf("caliper=.1, std.caliper=TRUE, m.order='%s'", o)); z[[paste0("score_cal0.2sd_", o)]] <- sprintf(P, sprintf("caliper=.2, std.caliper=TRUE, m.order='%s'", o)) } }
  z$logit_cal0.2abs_largest <- sprintf(N, "caliper=.2, std.caliper=FALSE, m.order='largest'"); z$logit_cal0.1abs_closest <- sprintf(N, "caliper=.1, std.caliper=FALSE, m.order='closest'")
  z$score_cal0.1abs_largest <- sprintf(P, "caliper=.1, std.caliper=FALSE, m.order='largest'"); z$score_cal0.02abs_closest <- sprintf(P, "caliper=.02, std.caliper=FALSE, m.order='closest'"); z$score_cal0.1sd_largest <- z$score_cal0.1sd_largest %||% sprintf(P, "caliper=.1, std.caliper=TRUE, m.order='largest'")
  for (r in 2:ratio_max) for (o in c("largest", "closest", if (!small) c("smallest", "farthest"))) z[[sprintf("ratio%d_cal0.2sd_%s", r, o)]] <- sprintf(N, sprintf("ratio=%d, caliper=.2, m.order='%s'", r, o))
  z$ratio2_nocal_largest <- sprintf(N, "ratio=2, m.order='largest'")
  z$variable_1to4_mean2_largest <- sprintf(N, "ratio=2, min.controls=1, max.controls=4, m.order='largest'"); z$variable_1to4_mean2_cal0.2sd_largest <- sprintf(N, "ratio=2, min.controls=1, max.controls=4, caliper=.2, m.order='largest'"); z$variable_1to6_mean2_closest <- sprintf(N, "ratio=2, min.controls=1, max.controls=6, m.order='closest'")
  z$replace_cal0.2sd <- sprintf(N, "replace=TRUE, caliper=.2"); z$replace_cal0.2sd_smallest <- sprintf(N, "replace=TRUE, caliper=.2, m.order='smallest'"); z$replace_ratio3_cal0.2sd <- sprintf(N, "replace=TRUE, ratio=3, caliper=.2"); z$reuse3_cal0.2sd_largest <- sprintf(N, "reuse.max=3, caliper=.2, m.order='largest'")
  z$exact_nocal_largest <- sprintf(N, sprintf("exact=%s, m.order='largest'", exact)); z$exact_cal0.2sd_largest <- sprintf(N, sprintf("exact=%s, caliper=.2, m.order='largest'", exact)); z$exact_cal0.2sd_closest <- sprintf(N, sprintf("exact=%s, caliper=.2, m.order='closest'", exact)); z$exact_ratio2_cal0.2sd_largest <- sprintf(N, sprintf("exact=%s, ratio=2, caliper=.2, m.order='largest'", exact))
  z$antiexact_cal0.2sd_largest <- sprintf(N, sprintf("antiexact=%s, caliper=.2, m.order='largest'", antiexact)); z$antiexact_cal0.2sd_closest <- sprintf(N, sprintf("antiexact=%s, caliper=.2, m.order='closest'", antiexact))
  z$covcal_abs_largest <- sprintf(N, sprintf("caliper=c(.2, %s), std.caliper=c(TRUE, FALSE), m.order='largest'", covcal[1])); z$covcal_sd_closest <- sprintf(N, sprintf("caliper=c(.2, %s), std.caliper=TRUE, m.order='closest'", covcal[2]))
  z$maha_data <- "matchit(f, d, method='nearest', distance='mahalanobis', m.order='data')"; z$maha_closest <- "matchit(f, d, method='nearest', distance='mahalanobis', m.order='closest')"; z$maha_exact_closest <- sprintf("matchit(f, d, method='nearest', distance='mahalanobis', exact=%s, m.order='closest')", exact)
  z$robust_maha_closest <- "matchit(f, d, method='nearest', distance='robust_mahalanobis', m.order='closest')"; z$robust_maha_data <- "matchit(f, d, method='nearest', distance='robust_mahalanobis', m.order='data')"; z$scaled_euclidean_closest <- "matchit(f, d, method='nearest', distance='scaled_euclidean', m.order='closest')"
  z$mahvars_pscal0.2sd_largest <- sprintf(N, sprintf("mahvars=%s, caliper=.2, m.order='largest'", mahvars)); z$mahvars_pscal0.2sd_closest <- sprintf(N, sprintf("mahvars=%s, caliper=.2, m.order='closest'", mahvars)); z$mahvars_pscal0.2sd_ratio2_largest <- sprintf(N, sprintf("mahvars=%s, caliper=.2, ratio=2, m.order='largest'", mahvars)); z$mahvars_exact_pscal0.2sd_largest <- sprintf(N, sprintf("mahvars=%s, exact=%s, caliper=.2, m.order='largest'", mahvars, exact))
  if (discard) { z$discard_both_cal0.2sd_largest <- sprintf(N, "discard='both', caliper=.2, m.order='largest'"); z$discard_both_reestimate_cal0.2sd_largest <- sprintf(N, "discard='both', reestimate=TRUE, caliper=.2, m.order='largest'") }
  if (!is.null(mahaf)) for (o in c("data", "closest", "farthest")) { z[[paste0("maha_num_", o)]] <- sprintf("matchit(%s, d, method='nearest', distance='mahalanobis', m.order='%s')", mahaf, o); z[[paste0("maha_right_", o)]] <- sprintf("matchit(f, d, method='nearest', distance=D, m.order='%s')  # D = Mahalanobis distance of all covariates of f, by the pseudo-inverse of the pooled within-arm covariance", o) }
  z$ATC_replace_cal0.2sd <- sprintf(N, "estimand='ATC', replace=TRUE, caliper=.2")
  z }
other_cases <- function(exact, cutpoints, cemf, ratio2 = TRUE, card = NULL, optimal = TRUE, gap = "") {
  z <- list(); D <- "distance='glm', link='linear.logit'"
  if (has("optmatch") && optimal) { z$optimal_logit <- sprintf("matchit(f, d, method='optimal', %s, tol=1e-8)", D); z$optimal_logit_default_tol <- sprintf("matchit(f, d, method='optimal', %s)", D); if (ratio2) z$optimal_logit_ratio2 <- sprintf("matchit(f, d, method='optimal', %s, ratio=2, tol=1e-8)", D); z$optimal_exact <- sprintf("matchit(f, d, method='optimal', %s, exact=%s, tol=1e-8)", D, exact); z$optimal_maha <- "matchit(f, d, method='optimal', distance='mahalanobis', tol=1e-8)"
    z$full_ATT <- sprintf("matchit(f, d, method='full', %s, estimand='ATT', tol=1e-8)", D); z$full_ATE <- sprintf("matchit(f, d, method='full', %s, estimand='ATE', tol=1e-8)", D); z$full_ATT_cal0.2sd <- sprintf("matchit(f, d, method='full', %s, estimand='ATT', caliper=.2, tol=1e-8)", D); z$full_ATT_1to5 <- sprintf("matchit(f, d, method='full', %s, estimand='ATT', min.controls=.2, max.controls=5, tol=1e-8)", D) }
  for (k in c(5, 10)) for (e in c("ATT", "ATE", "ATC")) z[[sprintf("subclass%d_%s", k, e)]] <- sprintf("matchit(f, d, method='subclass', distance='glm', link='logit', subclass=%d, estimand='%s')", k, e)
  z$subclass5_ATE_min.n0 <- "matchit(f, d, method='subclass', distance='glm', link='logit', subclass=5, estimand='ATE', min.n=0)"
  for (e in c("ATT", "ATE")) z[[paste0("cem_", e)]] <- sprintf("matchit(%s, d, method='cem', cutpoints=%s, estimand='%s')", cemf, cutpoints, e)
  z$cem_ATT_k2k_closest <- sprintf("matchit(%s, d, method='cem', cutpoints=%s, estimand='ATT', k2k=TRUE, k2k.method='mahalanobis', m.order='closest')", cemf, cutpoints)
  z$exact_method_ATT <- sprintf("matchit(update(%s, f), d, method='exact', estimand='ATT')", sub("^ *~", ". ~", exact))
  if (!is.null(card) && has("Rglpk")) for (cc in names(card)) z[[cc]] <- card[[cc]]
  z }
# second method for the nearest cases: rows that differ from an independent matcher written from the rules
extremal <- function(dist, treat, m, lo, hi) { n1 <- sum(treat); tot <- round(m * n1); kmax <- floor((tot - lo * (n1 - 1)) / (hi - lo)); kmin <- n1 - kmax - 1; r0 <- c(rep(lo, kmin), tot - lo * kmin - hi * kmax, rep(hi, kmax)); while (any(r0 == 0)) { i <- which(r0 == 0)[1]; r0[i] <- 1; if (i == n1) break; r0[i + 1] <- r0[i + 1] - 1 }; r <- integer(n1); r[order(dist[treat == 1], decreasing = mean(dist[treat == 1]) > mean(dist[treat == 0]))] <- r0; r }
maha_matrix <- function(f, d, treat, kind = "mahalanobis") { X <- dummies(f, d, drop = FALSE); mf <- model.frame(f, d); isf <- vapply(mf[-1], function(v) is.factor(v) || is.character(v), NA); asg <- attr(model.matrix(f, mf, contrasts.arg = lapply(Filter(function(x) is.factor(x) || is.character(x), mf[-1]), function(x) contrasts(factor(x), contrasts = FALSE))), "assign")[-1]; for (j in seq_along(asg)) if (isf[asg[j]]) X[, j] <- X[, j] / sqrt(2)
  if (kind == "scaled_euclidean") { R <- apply(X, 2, function(x) x - ave(x, treat)); b01 <- apply(X, 2, function(x) all(x == 0 | x == 1)); Z <- sweep(X, 2, sqrt(colSums(R^2) / (nrow(X) - ifelse(b01, 0, 2))), "/"); return(as.matrix(dist(Z))) }
  if (kind == "robust_mahalanobis") { X <- apply(X, 2, rank); S <- cov(X); k <- sd(seq_len(nrow(X))) / sqrt(diag(S)); S <- S * outer(k, k) } else { X <- scale(X); R <- apply(X, 2, function(x) x - ave(x, treat)); S <- crossprod(R) / (nrow(X) - 2) }
  V <- if (det(S) > 1e-8) tryCatch(solve(S), error = function(e) MASS::ginv(S, 1e-8)) else MASS::ginv(S, 1e-8); e <- eigen(V, TRUE); Z <- X %*% e$vectors %*% diag(sqrt(pmax(e$values, 0)), ncol(X)); D <- as.matrix(dist(Z)); round(D, 11) }
check_nearest <- function(ms, d, f, exact, antiexact, covcal_var, mahvars = NULL, skip = "^$", mahaf = NULL) { tr <- d[[all.vars(f)[1]]]; g <- glm(f, binomial, d); E <- interaction(d[all.vars(as.formula(exact))]); A <- d[all.vars(as.formula(antiexact))]; out <- list(); ids <- names(ms[[1]]$treat)
  for (id in grep("^(logit|score|ratio|variable|exact_nocal|exact_cal|exact_ratio|antiexact|covcal|replace|reuse|maha_|robust|scaled|mahvars)", names(ms), value = TRUE)) { m <- ms[[id]]; if (is.null(m) || grepl(skip, id)) next
    dist <- unname(if (grepl("^score", id)) fitted(g) else g$linear.predictors); cal <- if (is.null(m$caliper)) Inf else m$caliper[names(m$caliper) == ""]; if (!length(cal)) cal <- Inf; cv <- m$caliper[names(m$caliper) == covcal_var]
    ord <- if (grepl("^replace", id)) "data" else sub(".*_", "", id); rt <- if (grepl("ratio2", id)) 2 else if (grepl("ratio3", id)) 3 else 1; if (grepl("^variable", id)) rt <- extremal(dist, tr, 2, 1, as.integer(sub("variable_1to([0-9]+).*", "\\1", id)))
    ex <- function(i, j) E[j] == E[i]; ok <- if (grepl("exact", id) && !grepl("antiexact", id)) ex else if (grepl("^antiexact", id)) function(i, j) rowSums(matrix(sapply(A, function(v) v[j] == v[i]), nrow = length(j))) == 0 else if (grepl("^covcal", id)) function(i, j) abs(d[[covcal_var]][j] - d[[covcal_var]][i]) <= cv else function(i, j) rep(TRUE, length(j))
    D <- NULL; if (grepl("^(maha_|robust|scaled|mahvars)", id)) { D <- if (grepl("^mahvars", id)) maha_matrix(update(as.formula(mahvars), paste(all.vars(f)[1], "~ .")), d, tr) else if (grepl("^maha_num", id)) maha_matrix(as.formula(mahaf), d, tr) else maha_matrix(f, d, tr, c(maha = "mahalanobis", robust = "robust_mahalanobis", scaled = "scaled_euclidean")[[sub("_.*", "", id)]]); if (grepl("^mahvars", id)) { ok0 <- ok; lim <- cal; ok <- function(i, j) ok0(i, j) & abs(dist[i] - dist[j]) <= lim; cal <- Inf } }
    mm <- greedy(dist, tr, ord, cal, rt, ok, if (grepl("^replace", id)) Inf else if (grepl("^reuse3", id)) 3 else 1, D); s <- same_mm(m, mm); r <- list(focal_rows = s[["rows"]], rows_that_differ = s[["differ"]])
    T1 <- which(tr == 1); ga <- function(M) sort(unlist(lapply(seq_along(T1), function(a) { z <- na.omit(M[a, ]); if (length(z)) { if (is.null(D)) abs(dist[T1[a]] - dist[z]) else D[T1[a], z] } }))); a1 <- ga(matrix(match(m$match.matrix, ids), nrow(m$match.matrix))); a2 <- ga(mm); r$same_sorted_distances <- length(a1) == length(a2) && max(abs(a1 - a2)) < 1e-9; r$sum_distance <- c(matchit = sum(a1), own = sum(a2)); out[[id]] <- r }
  out }

attach_checks <- function(js, ck) { for (i in seq_along(js$cases)) { k <- ck[[js$cases[[i]]$id]]; if (!is.null(k)) js$cases[[i]]$second_method <- list(rows_that_differ = k$rows_that_differ, same_sorted_distances = k$same_sorted_distances, sum_distance_matchit = unname(k$sum_distance[1]), sum_distance_own = unname(k$sum_distance[2])) }; js }

# ---- the three data sets ----
L <- read.csv(a[2]); rownames(L) <- L$id; fL <- treat ~ age + educ + race + married + nodegree + re74 + re75
ms <- match_set(c(nearest_cases("~race", "~married", c("age=5", "age=.25"), "~age+educ+re74+re75"), other_cases("~race", "list(age=c(20,30,40), educ=c(8.5,11.5,12.5), re74=c(1,5000), re75=c(1,5000))", "treat ~ age + educ + race + re74 + re75")), L, fL, "lalonde_matchit.csv")
put(attach_checks(ms$json, check_nearest(ms$m, L, fL, "~race", "~married", "age", "~age+educ+re74+re75")), file.path(a[1], "lalonde_matching.json"))
N <- read.csv(a[3]); rownames(N) <- N$seqn; N <- N[!is.na(N$wt82), ]; for (v in c("education", "exercise", "active")) N[[v]] <- factor(N[[v]])
fN <- qsmk ~ sex + race + age + education + smokeintensity + smokeyrs + exercise + active + wt71; MN <- "qsmk ~ sex + race + age + smokeintensity + smokeyrs + wt71"
ms <- match_set(c(nearest_cases("~sex", "~race", c("age=5", "age=.25"), "~age+smokeyrs+wt71", small = TRUE, ratio_max = 2, mahaf = MN), other_cases("~sex", "list(age=c(35,45,55), smokeintensity=c(10.5,20.5,30.5), wt71=c(60,70,80))", "qsmk ~ sex + race + age + smokeintensity + wt71")), N, fN, "nhefs.csv, rows with wt82 known; education, exercise, active as factors", light = TRUE)
put(attach_checks(ms$json, check_nearest(ms$m, N, fN, "~sex", "~race", "age", "~age+smokeyrs+wt71", mahaf = MN)), file.path(a[1], "nhefs_matching.json"))
C <- read.csv(a[4]); rownames(C) <- C$id; fC <- reformulate(paste0("x", 1:10), "treat")
ms <- match_set(c(nearest_cases("~x9", "~x6", c("x1=5", "x1=.25"), "~x1+x2+x3+x4", small = TRUE, ratio_max = 3, discard = FALSE), other_cases("~x9", "list(x1=c(50,60,70), x2=c(22,25,30), x5=c(200,240))", "treat ~ x1 + x2 + x5 + x6")), C, fC, "cohort_1000.csv.gz", light = TRUE)
put(attach_checks(ms$json, check_nearest(ms$m, C, fC, "~x9", "~x6", "x1", "~x1+x2+x3+x4")), file.path(a[1], "cohort_matching.json"))
