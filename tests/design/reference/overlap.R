# The score among those who have a counterpart, and the hazard ratios of complete cases: R's glm and survival.
# Rscript overlap.R quasi.csv missing.csv > overlap.json   (the tables are those of ../sheets.py)
library(survival)
read <- function(file) read.csv(file, na.strings = "", stringsAsFactors = FALSE)
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
score <- function(d) glm(I(drug == "newer") ~ age + (sex == "M") + factor(grade, levels = c("low", "mid", "high")), binomial, d, epsilon = 1e-14)
q <- read(commandArgs(TRUE)[1]); m <- read(commandArgs(TRUE)[2])
both <- q[q$grade != "high", ]; both$grade <- factor(both$grade, levels = c("low", "mid"))
fit <- glm(I(drug == "newer") ~ age + (sex == "M") + grade, binomial, both, epsilon = 1e-14)
known <- m[!is.na(m$age), ]; fit2 <- score(known)
cox <- coxph(Surv(days, dead) ~ age + (sex == "M") + factor(grade, levels = c("low", "mid", "high")) + (drug == "newer"), known)
same <- coxph(Surv(days, dead) ~ (drug == "newer"), known)
arms <- function(d, hit) c(sum(hit & d$drug == "newer"), sum(hit & d$drug == "older"))
out <- c(
  sprintf('"quasi_sd": %s', number(sd(predict(fit)))),
  sprintf('"quasi_coef": [%s]', paste(number(coef(fit)), collapse = ", ")),
  sprintf('"quasi_left": [%s]', paste(arms(q, q$grade == "high"), collapse = ", ")),
  sprintf('"missing_sd": %s', number(sd(predict(fit2)))),
  sprintf('"missing_left": [%s]', paste(arms(m, is.na(m$age)), collapse = ", ")),
  sprintf('"adjusted": %s', number(exp(coef(cox)[["drug == \"newer\"TRUE"]]))),
  sprintf('"unadjusted_same": %s', number(exp(coef(same)[[1]]))), sprintf('"n_same": %d', nrow(known)))
cat("{", paste(out, collapse = ",\n "), "}\n", sep = "")
