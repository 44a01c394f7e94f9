# Table 1 in Word (flextable, officer) and Kaplan-Meier with numbers at risk (survminer) of GBSG-2: Rscript manuscript.R DATA.csv FOLDER
# gtsummary is not in Debian: its rows are made by hand here, which costs less than gtsummary itself.
suppressPackageStartupMessages({library(survival); library(survminer); library(flextable); library(officer)})
given <- commandArgs(trailingOnly = TRUE)
d <- read.csv(given[1], check.names = FALSE)
d$horTh <- factor(d$horTh, c("yes", "no"), c("Hormonal therapy", "No hormonal therapy"))

rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- c(...)
smd <- function(v) {
  m <- tapply(v, d$horTh, mean); s <- tapply(v, d$horTh, var)
  sprintf("%.3f", abs(m[1] - m[2]) / sqrt(mean(s)))
}
quartiles <- function(v) { q <- quantile(v, c(.5, .25, .75)); sprintf("%.0f (%.0f\u2013%.0f)", q[1], q[2], q[3]) }
numeric <- c(age = "Age, years", tsize = "Tumor size, mm", pnodes = "Positive lymph nodes, number",
             progrec = "Progesterone receptor, fmol/mg", estrec = "Estrogen receptor, fmol/mg")
for (v in names(numeric)) {
  p <- wilcox.test(d[[v]] ~ d$horTh, exact = FALSE)$p.value
  add(numeric[[v]], tapply(d[[v]], d$horTh, quartiles), smd(d[[v]]), format.pval(p, digits = 3, eps = 0.001))
}
for (v in c(menostat = "menostat", tgrade = "tgrade")) {
  counts <- table(d[[v]], d$horTh)
  p <- chisq.test(counts, correct = FALSE)$p.value
  add(c(menostat = "Menopausal status", tgrade = "Tumor grade")[[v]], "", "", "", format.pval(p, digits = 3, eps = 0.001))
  for (level in rownames(counts)) {
    shown <- sprintf("%d (%.1f)", counts[level, ], 100 * counts[level, ] / colSums(counts))
    add(paste0("   ", level), shown, smd(as.numeric(d[[v]] == level)), "")
  }
}
table1 <- as.data.frame(do.call(rbind, rows))
names(table1) <- c("Characteristic", sprintf("%s (n = %d)", levels(d$horTh), table(d$horTh)), "SMD", "P")
shown <- autofit(theme_booktabs(flextable(table1)))
shown <- add_footer_lines(shown, "Median (interquartile range) or number (%).")
word <- body_add_flextable(body_add_par(read_docx(), "Table 1. Baseline characteristics", style = "heading 1"), shown)
print(word, target = file.path(given[2], "table1.docx"))

fit <- survfit(Surv(time / 30.4375, cens) ~ horTh, data = d)
curve <- ggsurvplot(fit, data = d, risk.table = TRUE, pval = TRUE, conf.int = FALSE, break.time.by = 12, xlab = "Months",
                    ylab = "Recurrence-free survival", legend.labs = levels(d$horTh), palette = "jco")
png(file.path(given[2], "km.png"), width = 174, height = 120, units = "mm", res = 300)
print(curve, newpage = FALSE)
invisible(dev.off())
