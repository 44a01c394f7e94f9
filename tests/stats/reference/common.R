# Shared by the witness scripts: reading the data and writing results with the versions that made them.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
names_all <- c("lung", "lung_months", "veteran", "pbc", "aml", "ovarian", "gbsg")
data_set <- function(name) read.csv(file.path("..", "data", paste0(name, ".csv")))
cohort <- function() { d <- read.csv(gzfile(file.path("..", "data", "cohort_1000.csv.gz"))); d$cause <- d$etype; d }
covariates <- function(d) as.matrix(d[, grep("^x[0-9]+$", names(d)), drop = FALSE])
save_json <- function(x, name, packages = "survival") {
  made_by <- c(R = R.version.string, sapply(packages, function(p) as.character(packageVersion(p))))
  write_json(list(made_by = as.list(made_by), results = x), paste0(name, ".json"), digits = NA, auto_unbox = TRUE, na = "null", pretty = FALSE, matrix = "rowmajor")
}
