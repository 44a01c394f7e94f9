"""Persons and their baseline: patient, screening, serology and dated findings, with decoys that a correct derivation ignores.

Only the latest record on or before the index date inside its window counts (findings -14..0 days, tumour characteristics
-28..0). Decoys are older records and records after the index date with other values.
"""

from __future__ import annotations

from datetime import timedelta

from hcc_2024.raw_engine import Course, RawTables, pick, stream

HBV, HCV, BOTH = "HBV", "HCV", "both"
VEIN_GRADES = ("Vp1", "Vp2", "Vp3", "Vp4")


def add_person(tables: RawTables, course: Course, seed: int) -> None:
    """patient, screening and serology of anyone with a row of covariates (male, age, viral)."""
    rng = stream(seed, "person", course.number)
    row = course.row
    cause = pick(rng, ("alcohol", "nash", "other"), (0.5, 0.3, 0.2))
    viral = bool(row["viral"])
    first = course.infusions[0]["date"]
    tables.add(
        "patient",
        patient_id=course.patient_id,
        site=course.site,
        sex="M" if row["male"] else "F",
        age_index=row["age"],
        alcohol=bool(cause == "alcohol" and (not viral or rng.random() < 0.3)),
        nash=bool(cause == "nash" and not viral),
        other_liver_disease=pick(rng, ("autoimmune hepatitis", "cryptogenic", "primary biliary cholangitis"))
        if cause == "other" and not viral
        else None,
        diagnosis_basis=pick(rng, ("clinical", "histologic"), (0.72, 0.28)),
        diagnosis_date=first - timedelta(days=int(20 + rng.gamma(1.2, 420))),
    )
    add_serology(tables, course, viral, seed)


def add_serology(tables: RawTables, course: Course, viral: bool, seed: int) -> None:
    """Hepatitis B: HBsAg positive on two dates more than six months apart before the index date, none negative between."""
    rng = stream(seed, "serology", course.number)
    end = course.index or course.infusions[-1]["date"]

    def test(days_before: int, name: str, positive: bool) -> None:
        result = "positive" if positive else "negative"
        tables.add("serology", patient_id=course.patient_id, date=end - timedelta(days=days_before), test=name, result=result)

    kind = pick(rng, (HBV, HCV, BOTH), (0.83, 0.14, 0.03)) if viral else ""
    recent = int(rng.integers(5, 120))
    if kind in (HBV, BOTH):
        for k in range(int(rng.integers(2, 5))):
            test(recent + k * int(rng.integers(215, 420)), "HBsAg", True)
    elif not viral:
        _decoy(rng, course, test, recent)
    else:
        test(recent, "HBsAg", False)
    test(recent, "anti-HCV", kind in (HCV, BOTH))
    if rng.random() < 0.3:
        test(recent + int(rng.integers(150, 900)), "anti-HCV", kind in (HCV, BOTH))


def _decoy(rng, course: Course, test, recent: int) -> None:
    """HBsAg of a patient without viral hepatitis: negative, or positive in ways that do not make six months before index."""
    which = rng.random()
    if which < 0.12:  # positive for five months only
        test(recent, "HBsAg", True)
        test(recent + int(rng.integers(130, 152)), "HBsAg", True)
    elif which < 0.18:  # cleared between two positive tests
        test(recent, "HBsAg", True)
        test(recent + 140, "HBsAg", False)
        test(recent + 420, "HBsAg", True)
    elif which < 0.26 and course.row.get("os_days", 0) > 240:  # the second positive test comes after the index date
        test(20, "HBsAg", True)
        test(-int(rng.integers(190, 230)), "HBsAg", True)
    else:
        test(recent, "HBsAg", False)


def add_screening(tables: RawTables, course: Course, stopped_for: str, then: str) -> None:
    tables.add(
        "screening",
        patient_id=course.patient_id,
        firstline_stop_reason=stopped_for,
        post_firstline_status=then,
    )
    for infusion in course.infusions:
        tables.add("firstline_infusion", patient_id=course.patient_id, **infusion)


def _finding(tables: RawTables, course: Course, day: int, item: str, value, unit: str | None = None) -> None:
    text = ("true" if value else "false") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    tables.add("observation", patient_id=course.patient_id, date=course.on(day), item=item, value=text, unit=unit)


def add_findings(tables: RawTables, course: Course, ascites: str, encephalopathy: str, seed: int) -> None:
    """ECOG, ascites, encephalopathy, weight and height with an older and a later record each."""
    rng = stream(seed, "baseline", course.number)
    row = course.row
    day = -int(pick(rng, (0, 1, 2, 3, 5, 7, 10, 13), (0.3, 0.2, 0.12, 0.1, 0.1, 0.08, 0.06, 0.04)))
    course.weight_kg = round(float(rng.normal(66 if row["male"] else 57, 9)), 1)
    course.weight_kg = min(max(course.weight_kg, 41.0), 96.0)
    if abs(course.weight_kg - 60) < 1:
        course.weight_kg = 61.5
    _finding(tables, course, day, "ecog", row["ecog"])
    _finding(tables, course, day, "ascites", ascites)
    _finding(tables, course, day, "encephalopathy", encephalopathy)
    _finding(tables, course, day, "weight_kg", course.weight_kg, "kg")
    height = round(float(rng.normal(169 if row["male"] else 157, 5)))
    _finding(tables, course, day - int(rng.integers(0, 15)), "height_cm", height, "cm")

    older = day - int(rng.integers(15, 40)) if rng.random() < 0.5 else min(day, -1) - int(rng.integers(1, 10))
    if rng.random() < 0.6:  # the patient as he was before: usually better
        _finding(tables, course, older, "ecog", max(0, row["ecog"] - 1) if row["ecog"] else 1)
        _finding(tables, course, older, "ascites", "mild" if ascites == "none" else "none")
        _finding(tables, course, older, "weight_kg", round(course.weight_kg + float(rng.normal(1.5, 1)), 1), "kg")
    for visit in (28, 56, 112):
        if visit + 5 < course.end and rng.random() < 0.75:
            later = visit + int(rng.integers(-4, 5))
            _finding(tables, course, later, "ecog", min(3, row["ecog"] + int(rng.random() < 0.45)))
            _finding(tables, course, later, "ascites", pick(rng, ("none", "mild", "moderate"), (0.55, 0.3, 0.15)))
            _finding(tables, course, later, "encephalopathy", pick(rng, ("none", "1-2"), (0.95, 0.05)))
            _finding(tables, course, later, "weight_kg", round(course.weight_kg - float(rng.gamma(1.5, 1.2)), 1), "kg")


def add_tumour(tables: RawTables, course: Course, scan_day: int, seed: int) -> None:
    """Number, size, metastases and invasion as read from the baseline scan; older and later readings are decoys."""
    rng = stream(seed, "baseline", 10_000 + course.number)
    row = course.row
    now = {
        "n_tumors": row["n_nodules"],
        "max_size_cm": row["max_size_cm"],
        "ehm": bool(row["ehm"]),
        "ln_met": bool(row["ln_met"]),
        "mvi": bool(row["mvi"]),
    }
    for item, value in now.items():
        _finding(tables, course, scan_day, item, value, "cm" if item == "max_size_cm" else None)
    if row["mvi"]:
        _finding(tables, course, scan_day, "vp_grade", pick(rng, VEIN_GRADES, (0.1, 0.22, 0.42, 0.26)))
    if rng.random() < 0.45:
        older = scan_day - int(rng.integers(36, 80))
        _finding(tables, course, older, "n_tumors", max(1, row["n_nodules"] - int(rng.integers(1, 3))))
        _finding(tables, course, older, "max_size_cm", round(max(0.8, row["max_size_cm"] * rng.uniform(0.6, 0.9)), 1), "cm")
        _finding(tables, course, older, "ehm", bool(row["ehm"] and rng.random() < 0.5))
        _finding(tables, course, older, "ln_met", bool(row["ln_met"] and rng.random() < 0.5))
        _finding(tables, course, older, "mvi", bool(row["mvi"] and rng.random() < 0.6))
    for later in course.scans[:2]:
        if rng.random() < 0.5:
            _finding(tables, course, later, "n_tumors", row["n_nodules"] + int(rng.integers(0, 3)))
            _finding(tables, course, later, "max_size_cm", round(row["max_size_cm"] * rng.uniform(0.8, 1.5), 1), "cm")
            _finding(tables, course, later, "ehm", bool(row["ehm"] or rng.random() < 0.3))
            _finding(tables, course, later, "mvi", bool(row["mvi"] or rng.random() < 0.2))
