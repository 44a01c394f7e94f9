# ---- Balance beyond means: distances of distributions, overlap, squares and interactions
weight_of <- function(whole, data) {  # of every patient of the analysis data set, 0 outside the design
  w <- numeric(nrow(whole)); w[match(rownames(data), rownames(whole))] <- if (is.null(data$.w)) 1 else data$.w; w
}
none <- function(x) if (abs(x) < 1e-12) 0 else x  # of a difference of which nothing but rounding is left
ks_of <- function(x, w, f) {
  o <- order(x); step <- ifelse(f, w / sum(w[f]), -w / sum(w[!f]))[o]; none(max(abs(cumsum(step)[!duplicated(x[o], fromLast = TRUE)])))
}
overlap_of <- function(x, w, f) {
  smaller <- if (sum(f) <= sum(!f)) x[f] else x[!f]; q <- quantile(smaller, c(.25, .75), names = FALSE)
  width <- 1.06 * min(sd(smaller), (q[2] - q[1]) / 1.34) * length(smaller)^-0.2; if (!is.finite(width) || width <= 0) return(NA)
  edges <- seq(min(x) - 4 * width, max(x) + 4 * width, length.out = 1001); middle <- (edges[-1] + edges[-1001]) / 2
  old <- if ("old.coords" %in% names(formals(density.default))) list(old.coords = TRUE)  # as R before 4.4
  curve <- function(g) {
    d <- do.call(density, c(list(x[g], bw = width, weights = w[g] / sum(w[g]), n = 512), old)); approx(d$x, d$y, middle, yleft = 0, yright = 0)$y
  }
  1 - none(1 - min(sum(pmin(curve(f), curve(!f))) * (edges[2] - edges[1]), 1))
}
distances <- function(whole, data, design, variables) {
  weight <- weight_of(whole, data)
  for (v in variables) {
    known <- !is.na(whole[[v]]); x <- whole[[v]][known]; w <- weight[known]; f <- whole$arm[known] == focal
    if (min(sum(w[f] > 0), sum(w[!f] > 0)) < 2) next
    tell <- function(level, ks, overlap) {
      if (!is.na(ks)) put(k("baseline", design, v, level, "ks"), ks); if (!is.na(overlap)) put(k("baseline", design, v, level, "overlap"), overlap)
    }
    share <- function(hit, g) sum(w[g & hit]) / sum(w[g]); gap <- function(hit) none(abs(share(hit, f) - share(hit, !f)))
    common <- function(hit) min(share(hit, f), share(hit, !f)) + min(share(!hit, f), share(!hit, !f))
    levels <- level_sets[[v]]
    if (is.null(levels)) {
      if (all(x %in% c(0, 1))) tell("", gap(x == 1), common(x == 1)) else tell("", ks_of(x, w, f), overlap_of(x, w, f)); next
    }
    present <- levels[levels %in% x]; whole_common <- sum(sapply(levels, function(l) min(share(x == l, f), share(x == l, !f))))
    tell("", if (length(present) <= 2) gap(x == present[1]) else NA, 1 - none(1 - whole_common))
    for (l in levels) tell(l, gap(x == l), common(x == l))
  }
}
products <- function(whole, data, design, variables, thresholds, all_of_them) {
  w <- weight_of(whole, data); f <- whole$arm == focal; columns <- list()
  for (v in variables) {
    levels <- level_sets[[v]]
    if (is.null(levels)) { columns <- c(columns, list(list(v = v, level = "", x = as.numeric(whole[[v]])))); next }
    present <- levels[levels %in% whole[[v]]]; often <- sapply(present, function(l) sum(whole[[v]] == l, na.rm = TRUE))
    if (length(present) == 2) present <- present[if (often[1] < often[2]) 1 else 2]; if (length(present) == 1 && length(often) == 1) next
    for (l in present) columns <- c(columns, list(list(v = v, level = l, x = as.numeric(whole[[v]] == l))))
  }
  two <- sapply(columns, function(a) all(a$x %in% c(0, 1, NA))); found <- list()
  add <- function(v, level, a, b, binary) {
    y <- a$x * b$x; ok <- !is.na(y); y1 <- y[ok & f]; y0 <- y[ok & !f]; w1 <- w[ok & f]; w0 <- w[ok & !f]
    if (!sum(w1) || !sum(w0) || !binary && min(length(y1), length(y0)) < 2) return(invisible())
    spread_of <- function(y) if (binary) mean(y) * (1 - mean(y)) else var(y)
    gap <- weighted.mean(y1, w1) - weighted.mean(y0, w0); scale <- sqrt((spread_of(y1) + spread_of(y0)) / 2)
    if (abs(gap) <= 1e-14 * max(abs(a$x), na.rm = TRUE) * max(abs(b$x), na.rm = TRUE)) gap <- 0
    found[[length(found) + 1]] <<- list(v = v, level = level, smd = if (gap == 0) 0 else if (scale > 0) gap / scale else NA)
  }
  for (i in which(!two)) add(paste0(columns[[i]]$v, "^2"), "", columns[[i]], columns[[i]], FALSE)
  for (i in seq_along(columns)) for (j in seq_along(columns)) if (i < j && columns[[i]]$v != columns[[j]]$v) {
    a <- columns[[i]]; b <- columns[[j]]; by_name <- order(c(a$v, b$v), method = "radix"); levels <- c(a$level, b$level)[by_name]
    add(paste(c(a$v, b$v)[by_name], collapse = " * "), paste(levels[nzchar(levels)], collapse = " * "), a, b, two[i] && two[j])
  }
  prefix <- c("baseline", design, "squares_and_interactions"); size <- sapply(found, function(t) if (is.na(t$smd)) Inf else round(abs(t$smd), 10))
  put(k(prefix, "n"), length(found)); for (t in thresholds) put(k(prefix, "above", format(t), "n"), sum(size > t))
  for (t in if (all_of_them) found else found[head(order(-size, sapply(found, `[[`, "v"), sapply(found, `[[`, "level"), method = "radix"), 5)]) if (!is.na(t$smd)) put(k(prefix, t$v, t$level, "smd"), t$smd)
}
