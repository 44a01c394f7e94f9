"""The founding study in domains of SDTM, written from its contract tables. What no domain holds stays a table of the contract
beside them: serology, first-line infusions, screening and later lines."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

Rows = list[dict[str, str]]
BESIDE = ("serology", "firstline_infusion", "screening", "subsequent_therapy")
CODES = {
    "ehm": "EHM", "mvi": "MVI", "ln_met": "LNMET", "n_tumors": "NTUMOR", "max_size_cm": "MAXSIZE", "ascites": "ASCITES",
    "encephalopathy": "HEPENC", "vp_grade": "VPGRADE", "viable_mm": "VIABLE", "urine protein": "PROT24", "PT%": "PTACT",
    "alcohol": "ALCOHOL", "nash": "NASH", "other_liver_disease": "OTHLIV", "diagnosis_basis": "DXBASIS",
    "diagnosis_date": "DXDTC", "recorded_child_pugh": "RECCP", "recorded_bclc": "RECBCLC",
}  # fmt: skip
TESTS = {
    "bilirubin": "BILI", "albumin": "ALB", "INR": "INR", "AST": "AST", "ALT": "ALT", "platelets": "PLAT", "ANC": "NEUT",
    "Hb": "HGB", "creatinine": "CREAT", "TSH": "TSH", "AFP": "AFP", "PIVKA-II": "DCP",
}  # fmt: skip
SUPPLEMENTS = {
    "patient": ("alcohol", "nash", "other_liver_disease", "diagnosis_basis", "diagnosis_date"),
    "index_treatment": ("recorded_child_pugh", "recorded_bclc"),
}
ACTIONS = {"none": "DOSE NOT CHANGED", "reduce": "DOSE REDUCED", "interrupt": "DRUG INTERRUPTED", "stop": "DRUG WITHDRAWN"}
OUTCOMES = {
    "recovered": "RECOVERED/RESOLVED", "recovering": "RECOVERING/RESOLVING", "not recovered": "NOT RECOVERED/NOT RESOLVED",
    "fatal": "FATAL", "unknown": "UNKNOWN",
}  # fmt: skip
REASONS = {
    "AE": "ADVERSE EVENT", "progression": "PROGRESSIVE DISEASE", "death": "DEATH", "lost": "LOST TO FOLLOW-UP",
    "refusal": "WITHDRAWAL BY SUBJECT",
}  # fmt: skip
TRUTHS = {"true": "Y", "false": "N"}
STATES = {"present": "PRESENT", "absent": "ABSENT", "unequivocal progression": "UNEQUIVOCAL PROGRESSION"}


def write_domains(tables: Path, target: Path) -> list[Path]:
    """The domains of a folder of contract tables as csv; gives the files, in order."""
    target.mkdir(parents=True)
    given = {file.stem: _read(file) for file in sorted(tables.glob("*.csv"))}
    made = {
        "dm": demographics(given), "suppdm": supplement(given), "ex": exposure(given), "ds": disposition(given),
        "lb": laboratory(given), "ae": events(given), "vs": vital_signs(given), "qs": scales(given), "fa": findings(given),
        "tu": lesions(given), "tr": measures(given), "rs": responses(given), "dd": deaths(given),
    }  # fmt: skip
    for domain, rows in made.items():
        _write(target / f"{domain}.csv", domain.upper(), rows)
    for name in BESIDE:
        shutil.copy(tables / f"{name}.csv", target)
    return sorted(target.glob("*.csv"))


def sdtm_protocol(path: Path, folder: Path) -> Path:
    """The founding study over its domains, in a new folder that holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    write_domains(path.parent / "data", folder / "sdtm")
    shutil.copy(path.parent / "printed.csv", folder)
    text, here = path.read_text(encoding="utf-8"), "  tables: data "
    assert text.count(here) == 1
    codes = ", ".join(f'"{name}": {code}' for name, code in CODES.items())
    settings = f"  standard: sdtm\n  treatment: EXTRT\n  codes: {{{codes}}}\n  path: sdtm "
    (folder / path.name).write_text(text.replace(here, settings), encoding="utf-8")
    return folder / path.name


def demographics(given: Mapping[str, Rows]) -> Rows:
    follow = {r["patient_id"]: r for r in given["followup"]}
    return [
        {"USUBJID": r["patient_id"], "SITEID": r["site"], "SEX": r["sex"], "AGE": r["age_index"], "AGEU": "YEARS",
         "RFPENDTC": follow[r["patient_id"]]["last_contact"], "DTHDTC": follow[r["patient_id"]]["death_date"]}
        for r in given["patient"]
    ]  # fmt: skip


def supplement(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "QNAM": CODES[c], "QLABEL": c, "QVAL": TRUTHS.get(r[c], r[c])}
        for table, columns in SUPPLEMENTS.items()
        for r in given[table]
        for c in columns
        if r[c]
    ]


def exposure(given: Mapping[str, Rows]) -> Rows:
    """An interval of an oral drug a row; a first dose alone of whoever has no interval (an infusion, without a daily dose)."""
    drug = {r["patient_id"]: r for r in given["index_treatment"]}
    rows = [
        {"USUBJID": r["patient_id"], "EXTRT": drug[r["patient_id"]]["drug"], "EXDOSE": r["dose_mg_day"], "EXDOSU": "mg",
         "EXDOSFRQ": "QD", "EXSTDTC": r["start"], "EXENDTC": r["stop"],
         "EXADJ": "ADVERSE EVENT" if r["change_reason"] == "AE" else "",
         "EXENRTPT": "ONGOING" if r["stop_reason"] == "ongoing" else ""}
        for r in given["exposure"]
    ]  # fmt: skip
    seen = {r["USUBJID"] for r in rows}
    first = {"EXDOSE": "1", "EXDOSU": "", "EXDOSFRQ": "", "EXENDTC": "", "EXADJ": "", "EXENRTPT": ""}
    for patient, r in drug.items():
        if patient not in seen:
            rows.append({"USUBJID": patient, "EXTRT": r["drug"], "EXSTDTC": r["index_date"], **first})
    return rows


def disposition(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "DSDECOD": REASONS[r["stop_reason"]], "DSCAT": "DISPOSITION EVENT", "DSSTDTC": r["stop"]}
        for r in given["exposure"]
        if r["stop_reason"] in REASONS
    ]


def laboratory(given: Mapping[str, Rows]) -> Rows:
    """In the order in which a database numbers them: by each cell in turn, empty ones last."""
    rows = [
        {"USUBJID": r["patient_id"], "LBTESTCD": TESTS.get(r["analyte"]) or CODES[r["analyte"]], "LBSTRESN": r["value"],
         "LBSTRESC": f"{r['comparator'] if r['comparator'] in '<>' else ''}{r['value']}", "LBSTRESU": r["unit"],
         "LBSTNRHI": r["uln"], "LBSTNRLO": r["lln"], "LBDTC": r["date"]}
        for r in given["lab"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: [(cell == "", cell) for cell in row.values()])


def events(given: Mapping[str, Rows]) -> Rows:
    rows: Rows = []
    nth: dict[str, int] = defaultdict(int)
    for r in given["ae"]:
        nth[r["patient_id"]] += 1
        rows.append(
            {"USUBJID": r["patient_id"], "AESEQ": str(nth[r["patient_id"]]), "AEDECOD": r["ctcae_term"], "AETOXGR": r["grade"],
             "AEREL": r["attribution"].upper(), "AEACN": ACTIONS[r["action"]], "AESER": TRUTHS[r["serious"]],
             "AEOUT": OUTCOMES[r["outcome"]], "AESTDTC": r["start"], "AEENDTC": r["stop"]}
        )  # fmt: skip
    return rows


def vital_signs(given: Mapping[str, Rows]) -> Rows:
    tests = {"weight_kg": "WEIGHT", "height_cm": "HEIGHT"}
    return [
        {"USUBJID": r["patient_id"], "VSTESTCD": tests[r["item"]], "VSSTRESN": r["value"], "VSSTRESU": r["unit"],
         "VSDTC": r["date"]}
        for r in given["observation"]
        if r["item"] in tests
    ]  # fmt: skip


def scales(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "QSTESTCD": "ECOG101", "QSSTRESN": r["value"], "QSSTRESC": r["value"], "QSDTC": r["date"]}
        for r in given["observation"]
        if r["item"] == "ecog"
    ]


def findings(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "FATESTCD": CODES[r["item"]], "FAOBJ": "HEPATOCELLULAR CARCINOMA",
         "FASTRESC": TRUTHS.get(r["value"], r["value"]),
         "FASTRESN": r["value"] if r["item"] in ("n_tumors", "max_size_cm") else "", "FASTRESU": r["unit"], "FADTC": r["date"]}
        for r in given["observation"]
        if r["item"] in CODES
    ]  # fmt: skip


def lesions(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "TULNKID": r["lesion_id"], "TUTESTCD": "TUMIDENT", "TUSTRESC": r["role"].upper(),
         "TULOC": r["organ"].upper(), "TUEVAL": "INVESTIGATOR", "VISITNUM": r["first_visit"]}
        for r in given["lesion"]
    ]  # fmt: skip


def measures(given: Mapping[str, Rows]) -> Rows:
    """What was measured, enhancing diameters and states; a scan that could not be read has tests that were not done."""
    nodes = {(r["patient_id"], r["lesion_id"]): r["is_lymph_node"] == "true" for r in given["lesion"]}
    roles = {(r["patient_id"], r["lesion_id"]): r["role"] for r in given["lesion"]}
    of_visit: dict[tuple[str, str], Rows] = defaultdict(list)
    for r in given["lesion_measure"]:
        of_visit[r["patient_id"], r["visit"]].append(r)
    rows: Rows = []
    for scan in given["visit_imaging"]:
        shared = {"USUBJID": scan["patient_id"], "VISITNUM": scan["visit"], "VISIT": _visit(scan), "TRDTC": scan["date"],
                  "TREVAL": "INVESTIGATOR", "TREVALID": scan["reader"], "TRMETHOD": f"{scan['modality']} SCAN"}  # fmt: skip
        nothing = {"TRLNKID": "", "TRTESTCD": "LDIAM", "TRSTRESC": "", "TRSTRESN": "", "TRSTRESU": "", "TRSTAT": "NOT DONE"}
        found = of_visit[scan["patient_id"], scan["visit"]]
        rows += [{**shared, **nothing}] if not found else []
        for r in found:
            key = r["patient_id"], r["lesion_id"]
            said = [("LPERP" if nodes[key] else "LDIAM", r["diameter_mm"], "mm"), (CODES["viable_mm"], r["viable_mm"], "mm")]
            said += [("TUMSTATE", STATES[r["status"]], "")] if roles[key] != "target" else []
            rows += [
                {**shared, "TRLNKID": r["lesion_id"], "TRTESTCD": test, "TRSTRESC": value, "TRSTRESN": value if unit else "",
                 "TRSTRESU": unit, "TRSTAT": ""}
                for test, value, unit in said
                if value
            ]  # fmt: skip
    return rows


def responses(given: Mapping[str, Rows]) -> Rows:
    """Scans that could not be read, and symptomatic deterioration: responses themselves are left to the lesions."""
    unread = [
        {"USUBJID": r["patient_id"], "RSTESTCD": "OVRLRESP", "RSSTRESC": "NE", "VISITNUM": r["visit"], "VISIT": _visit(r),
         "RSDTC": r["date"], "RSEVAL": "INVESTIGATOR", "RSEVALID": r["reader"]}
        for r in given["visit_imaging"]
        if r["evaluable"] == "false"
    ]  # fmt: skip
    worse = [
        {"USUBJID": r["patient_id"], "RSTESTCD": "SYMPTDTR", "RSSTRESC": "PD", "VISITNUM": "", "VISIT": "",
         "RSDTC": r["progression_date"], "RSEVAL": "INVESTIGATOR", "RSEVALID": ""}
        for r in given["followup"]
        if r["progression_date"]
    ]  # fmt: skip
    return [*unread, *worse]


def deaths(given: Mapping[str, Rows]) -> Rows:
    return [
        {"USUBJID": r["patient_id"], "DDTESTCD": "PRCDTH", "DDSTRESC": r["death_cause"]}
        for r in given["followup"]
        if r["death_cause"]
    ]


def _visit(scan: dict[str, str]) -> str:
    return f"VISIT {scan['visit']}" if scan["scheduled"] == "true" else f"UNSCHEDULED {scan['visit']}"


def _read(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(file: Path, domain: str, rows: Iterable[dict[str, str]]) -> None:
    rows = [{"STUDYID": "FOUNDING", "DOMAIN": domain, **row} for row in rows]
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
