# Rscript binomial.R, in this folder: the exact binomial test against a fixed share
source("common.R")
cases <- list(c(4, 254, .01), c(3, 40, .15), c(6, 40, .05), c(0, 12, .2), c(12, 12, .9), c(1, 1, .5), c(50, 100, .5), c(17, 60, .4), c(2, 9, .1))
p <- function(v, side) binom.test(v[1], v[2], v[3], alternative = side)$p.value
save_json(list(cases = lapply(cases, function(v) list(x = v[1], n = v[2], null = v[3], greater = p(v, "greater"), two_sided = p(v, "two.sided")))), "binomial", "stats")
