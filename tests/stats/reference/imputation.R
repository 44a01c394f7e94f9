# mice on the synthetic cohort with holes that depend on what stays observed; moments of 100 imputed copies, and the pooled Cox model.
# Rubin's rules: pool.scalar and pool on the estimates given in the JSON.
source("common.R"); suppressPackageStartupMessages(library(mice))
C <- cohort(); n <- nrow(C); u <- function(k) ((seq_len(n) * k) %% 1009 + .5) / 1009 # reproducible anywhere
d <- data.frame(treat = C$treat, x1 = C$x1, x3 = C$x3, x5 = C$x5, x6 = factor(C$x6), grade = factor(as.integer(C$x2 > 24) + as.integer(C$x2 > 28)), event = C$event, hazard = { s <- survfit(Surv(time, event) ~ 1, C); s$cumhaz[match(C$time, s$time)] })
holes <- list(x1 = which(u(337) < plogis(-1.2 + .8 * C$x3 + .7 * C$event)), x5 = which(u(571) < plogis(-1.5 + .6 * C$treat)), x6 = which(u(733) < plogis(-1 - .5 * C$x3)), grade = which(u(907) < plogis(-1.2 + .8 * C$event)))
full <- d; for (v in names(holes)) d[holes[[v]], v] <- NA
m <- 100; imp <- mice(d, m = m, maxit = 10, seed = 1, printFlag = FALSE, method = c("", "pmm", "", "norm", "logreg", "polyreg", "", ""))
number <- function(x) as.numeric(as.character(x))
moments <- lapply(setNames(nm = names(holes)), function(v) { z <- sapply(imp$imp[[v]], number); list(mean = mean(colMeans(z)), mean_sd = sd(colMeans(z)), sd = mean(apply(z, 2, sd)), sd_sd = sd(apply(z, 2, sd)), with_x3 = mean(apply(z, 2, cor, d$x3[holes[[v]]])), with_x3_sd = sd(apply(z, 2, cor, d$x3[holes[[v]]])), share_1 = mean(z == 1)) })
ctl <- coxph.control(eps = 1e-13, iter.max = 50)
fits <- lapply(seq_len(m), function(j) { z <- complete(imp, j); z$time <- C$time; z$x6 <- number(z$x6); coxph(Surv(time, event) ~ treat + x1 + x3 + x5 + x6 + grade, z, control = ctl) })
p <- pool(as.mira(fits)); s <- summary(p, conf.int = TRUE); Q <- sapply(fits[1:10], function(f) coef(f)[["x1"]]); U <- sapply(fits[1:10], function(f) vcov(f)["x1", "x1"])
a <- pool.scalar(Q, U, n = Inf); b <- pool.scalar(Q, U, n = 1000, k = 7); keep <- c("qbar", "ubar", "b", "t", "df", "r", "fmi")
p10 <- pool(as.mira(fits[1:10])); s10 <- summary(p10, conf.int = TRUE); i <- which(as.character(s10$term) == "x1")
save_json(list(holes = holes, moments = moments, cox = list(term = as.character(s$term), estimate = s$estimate, se = s$std.error, fmi = p$pooled$fmi),
  given = list(estimate = Q, variance = U), endless = a[keep], of_1000_less_7 = b[keep],
  events_less_7 = list(dfcom = p10$pooled$dfcom[i], df = s10$df[i], p = s10$p.value[i], low = s10[["2.5 %"]][i], high = s10[["97.5 %"]][i], lambda = p10$pooled$lambda[i], fmi = p10$pooled$fmi[i], riv = p10$pooled$riv[i]),
  hazard_every_50th = d$hazard[seq(1, n, 50)]), "imputation", c("mice", "survival"))
