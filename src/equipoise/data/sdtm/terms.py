"""Controlled terms of SDTM and the codes of the contract that they become; the variables that each domain needs."""

from __future__ import annotations

# domain -> variables without which it cannot be read, others that are used when present
DOMAINS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "DM": (
        ("USUBJID",),
        ("SEX", "AGE", "SITEID", "AGEU", "ARM", "ACTARM", "RFSTDTC", "RFENDTC", "RFPENDTC", "DTHDTC", "DMDTC"),
    ),
    "EX": (("USUBJID", "EXTRT", "EXDOSE", "EXSTDTC"), ("EXDOSU", "EXDOSFRQ", "EXENDTC", "EXADJ", "EXENRTPT")),
    "LB": (("USUBJID", "LBTESTCD", "LBSTRESN", "LBSTRESU", "LBDTC"), ("LBSTRESC", "LBSTNRHI", "LBSTNRLO")),
    "AE": (
        ("USUBJID", "AESEQ", "AESTDTC"),
        ("AETERM", "AEDECOD", "AETOXGR", "AESEV", "AEOUT", "AEREL", "AEACN", "AESER", "AEENDTC"),
    ),
    "TU": (("USUBJID", "TULNKID", "TUTESTCD", "VISITNUM"), ("TUORRES", "TUSTRESC", "TULOC", "TUEVAL", "TUEVALID")),
    "TR": (
        ("USUBJID", "TRLNKID", "TRTESTCD", "TRSTRESC", "TRSTRESN", "VISITNUM", "TRDTC"),
        ("TRSTRESU", "TREVAL", "TREVALID", "TRMETHOD", "VISIT"),
    ),
    "RS": (("USUBJID", "RSTESTCD", "VISITNUM", "RSDTC"), ("RSSTRESC", "RSSTRESN", "RSEVAL", "RSEVALID", "VISIT")),
    "DS": (("USUBJID", "DSDECOD", "DSSTDTC"), ("DSCAT",)),
    "VS": (("USUBJID", "VSTESTCD", "VSSTRESN", "VSDTC"), ("VSSTRESU",)),
    "QS": (("USUBJID", "QSTESTCD", "QSDTC"), ("QSSTRESN", "QSSTRESC")),
    "FA": (("USUBJID", "FATESTCD", "FADTC"), ("FASTRESN", "FASTRESC", "FASTRESU")),
    "DD": (("USUBJID", "DDTESTCD", "DDSTRESC"), ()),
    "SUPPDM": (("USUBJID", "QNAM", "QVAL"), ()),
}
SUPPLEMENTS = "SUPPDM"  # gives only what a protocol names of it
# table of the contract -> domains without which it cannot be made, others that add to it
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "patient": (("DM",), ("SUPPDM",)),
    "index_treatment": (("DM", "EX"), ("SUPPDM",)),
    "exposure": (("EX",), ("DS",)),
    "lab": (("LB",), ()),
    "observation": ((), ("VS", "QS", "RS", "FA")),
    "ae": (("AE",), ()),
    "visit_imaging": (("TR",), ("RS",)),
    "lesion": (("TU", "TR"), ()),
    "lesion_measure": (("TU", "TR"), ()),
    "followup": (("DM",), ("DS", "TR", "RS", "DD")),
}
# test code of VS, unit in small letters -> item, multiply_by
VITALS = {
    ("WEIGHT", "kg"): ("weight_kg", 1.0), ("WEIGHT", "lb"): ("weight_kg", 0.45359237), ("WEIGHT", "g"): ("weight_kg", 0.001),
    ("HEIGHT", "cm"): ("height_cm", 1.0), ("HEIGHT", "m"): ("height_cm", 100.0), ("HEIGHT", "in"): ("height_cm", 2.54),
}  # fmt: skip
LENGTHS = {("max_size_cm", "cm"): 1.0, ("max_size_cm", "mm"): 0.1}  # item, unit in small letters -> multiply_by
UNIT_WORDS = {"gi/l": "10^9/L"}  # CDISC's submission value for 10^9/L
PER_DAY = {
    "QD": 1.0,
    "ONCE": 1.0,
    "DAILY": 1.0,
    "BID": 2.0,
    "TID": 3.0,
    "QID": 4.0,
    "QOD": 0.5,
    "Q12H": 2.0,
    "Q8H": 3.0,
    "QAM": 1.0,
    "QHS": 1.0,
}
SEVERITY = {"MILD": 1, "MODERATE": 2, "SEVERE": 3, "LIFE THREATENING": 4, "LIFE-THREATENING": 4, "FATAL": 5, "DEATH": 5}
RELATION = {
    "NONE": "unrelated", "N": "unrelated", "NOT RELATED": "unrelated", "UNRELATED": "unrelated", "REMOTE": "unlikely",
    "UNLIKELY": "unlikely", "UNLIKELY RELATED": "unlikely", "POSSIBLE": "possible", "POSSIBLY RELATED": "possible",
    "Y": "possible",
    "RELATED": "possible", "PROBABLE": "probable", "PROBABLY RELATED": "probable", "DEFINITE": "definite",
}  # fmt: skip
DISPOSITION = {
    "ADVERSE EVENT": "AE", "DEATH": "death", "LOST TO FOLLOW-UP": "lost", "WITHDRAWAL BY SUBJECT": "refusal",
    "PROGRESSIVE DISEASE": "progression", "DISEASE PROGRESSION": "progression", "DISEASE RELAPSE": "progression",
}  # fmt: skip
