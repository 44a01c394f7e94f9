# Rscript weighted_summaries.R weighted_summaries.json     Quantiles, SD and proportions of weighted samples. R 4.2.2, survey 4.1-1.
suppressPackageStartupMessages(library(survey))
file <- commandArgs(TRUE)[1]
number <- function(x) paste0("[", paste(formatC(x, digits = 17, format = "g", width = 1), collapse = ", "), "]")
i <- 1:60
x <- (i * 37) %% 23; w <- round(0.25 + ((i * 37) %% 101) / 50, 2); hit <- as.numeric((i * 13) %% 7 < 2)
flat <- c(1, 2, 3, 4, 5, 6); wf <- c(1, 2, 1, 1, 2, 1)  # the distribution function is exactly 0.5 at 3
d <- svydesign(ids = ~1, weights = ~w, data = data.frame(x, hit, w)); f <- svydesign(ids = ~1, weights = ~wf, data = data.frame(flat, wf))
p <- c(0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
ci <- function(level) { s <- svyciprop(~hit, d, method = "logit", level = level, df = Inf); c(coef(s), attr(s, "ci")) }
lines <- c(x = number(x), w = number(w), hit = number(hit), p = number(p),
  quantiles = number(as.numeric(svyquantile(~x, d, p, qrule = "hf2", ci = FALSE)[[1]])),
  flat = number(as.numeric(svyquantile(~flat, f, c(0.25, 0.5, 0.75), qrule = "hf2", ci = FALSE)[[1]])),
  sd = number(sqrt(cov.wt(cbind(x), w / sum(w))$cov[1])), proportion_95 = number(ci(0.95)), proportion_80 = number(ci(0.8)))
writeLines(paste0("{", paste0('"', names(lines), '": ', lines, collapse = ",\n"), "}"), file)
