# Writes dm.sas7bdat: the four invented subjects of test_sdtm.py in SAS's native format. R 4.2.2, haven 2.5.1.
library(haven)
dm <- data.frame(
  USUBJID = c("S0", "S1", "S2", "S3"), SITEID = "1", SEX = c("F", "M", "F", "M"), AGE = c(50, 51, 52, 53), AGEU = "YEARS",
  ACTARM = c("A", "B", "A", "B"), RFENDTC = "2021-06-30", DTHDTC = c("", "2021-05-01T10:00", "", ""), stringsAsFactors = FALSE
)
suppressWarnings(write_sas(dm, "dm.sas7bdat"))
