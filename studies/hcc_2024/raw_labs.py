"""Laboratory results: each site in its own units, baseline values that add to the Child-Pugh score, later panels, lab events.

Values stay away from the cut points (bilirubin 2 and 3 mg/dL, albumin 3.5 and 2.8 g/dL, INR 1.7 and 2.3), so that the score
comes back after conversion. AFP and PIVKA-II of the cohort are the latest records inside -28..0 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from hcc_2024.raw_engine import Course, RawTables, pick, stream


@dataclass(frozen=True)
class Analyte:
    """Values are drawn in `units[0]` (Site A); Site B reports value x factor in `units[1]`, with `digits` decimals each."""

    units: tuple[str, str]
    factor: float
    digits: tuple[int, int]
    low: float | None
    high: float | None


ANALYTES = {
    "bilirubin": Analyte(("mg/dL", "umol/L"), 17.1, (1, 0), 0.2, 1.2),
    "albumin": Analyte(("g/dL", "g/L"), 10, (1, 0), 3.5, 5.2),
    "INR": Analyte(("", ""), 1, (2, 2), 0.8, 1.2),
    "PT%": Analyte(("%", "%"), 1, (0, 0), 70, 130),
    "AST": Analyte(("U/L", "IU/L"), 1, (0, 0), None, 40),
    "ALT": Analyte(("U/L", "IU/L"), 1, (0, 0), None, 40),
    "platelets": Analyte(("10^3/uL", "10^9/L"), 1, (0, 0), 150, 400),
    "ANC": Analyte(("10^3/uL", "10^9/L"), 1, (2, 2), 1.8, 7.5),
    "Hb": Analyte(("g/dL", "g/L"), 10, (1, 0), 12.0, 17.0),
    "creatinine": Analyte(("mg/dL", "umol/L"), 88.4, (2, 0), 0.6, 1.2),
    "AFP": Analyte(("ng/mL", "ug/L"), 1, (0, 0), None, 7),
    "PIVKA-II": Analyte(("mAU/mL", "mAU/mL"), 1, (0, 0), None, 40),
    "TSH": Analyte(("mIU/L", "mIU/L"), 1, (2, 2), 0.4, 4.2),
    "urine protein": Analyte(("g/24h", "g/24h"), 1, (2, 2), None, 0.15),
}
PANEL = ("bilirubin", "albumin", "AST", "ALT", "platelets", "ANC", "Hb", "creatinine")
# Range of each component by Child-Pugh points, well inside the cuts.
POINT_RANGE = {
    "bilirubin": {1: (0.4, 1.7), 2: (2.2, 2.8), 3: (3.4, 5.0)},
    "albumin": {1: (3.7, 4.5), 2: (2.9, 3.4), 3: (2.2, 2.6)},
    "INR": {1: (0.95, 1.38), 2: (1.80, 2.18), 3: (2.42, 2.80)},
}
# Points above one by score: components (bilirubin, albumin, INR, ascites, encephalopathy) and how often.
EXTRA_POINTS = {
    5: (((0, 0, 0, 0, 0), 1.0),),
    6: (((0, 1, 0, 0, 0), 0.5), ((1, 0, 0, 0, 0), 0.22), ((0, 0, 0, 1, 0), 0.22), ((0, 0, 1, 0, 0), 0.06)),
    7: (((0, 1, 0, 1, 0), 0.4), ((1, 1, 0, 0, 0), 0.25), ((0, 2, 0, 0, 0), 0.12), ((0, 0, 0, 2, 0), 0.1),
        ((1, 0, 0, 1, 0), 0.08), ((0, 1, 0, 0, 1), 0.05)),
    8: (((1, 1, 0, 1, 0), 0.4), ((0, 2, 0, 1, 0), 0.2), ((0, 1, 0, 2, 0), 0.2), ((1, 2, 0, 0, 0), 0.1),
        ((0, 1, 1, 1, 0), 0.1)),
}  # fmt: skip
ASCITES, ENCEPHALOPATHY = ("none", "mild", "moderate"), ("none", "1-2", "3-4")
LIMIT_OF_AFP = 2


def _reported(course: Course, analyte: str, value: float | None) -> float | None:
    """A value in the units of Site A as the patient's site prints it."""
    if value is None:
        return None
    a, b = ANALYTES[analyte], course.site == "Site B"
    digits = a.digits[b]
    return round(value * (a.factor if b else 1), digits) if digits else round(value * (a.factor if b else 1))


def _as_reported(course: Course, analyte: str, value: float) -> float:
    """The same value after the site's rounding, in the units of Site A."""
    return _reported(course, analyte, value) / (ANALYTES[analyte].factor if course.site == "Site B" else 1)


def put_lab(tables: RawTables, course: Course, day: date, analyte: str, value: float, comparator: str = "=") -> None:
    """One result, of a value in the units of Site A, as the patient's site reports it."""
    a = ANALYTES[analyte]
    tables.add(
        "lab", patient_id=course.patient_id, date=day, analyte=analyte, value=_reported(course, analyte, value),
        comparator=comparator, unit=a.units[course.site == "Site B"] or None, uln=_reported(course, analyte, a.high),
        lln=_reported(course, analyte, a.low),
    )  # fmt: skip


def _put(tables: RawTables, course: Course, day: int, analyte: str, value: float, comparator: str = "=") -> None:
    put_lab(tables, course, course.on(day), analyte, value, comparator)


def add_baseline_labs(tables: RawTables, course: Course, seed: int) -> tuple[str, str, dict[str, float]]:
    """Baseline laboratory values; returns ascites and encephalopathy of the same score, and the values for later panels."""
    rng = stream(seed, "labs", course.number)
    row = course.row
    options = EXTRA_POINTS[row["child_pugh_score"]]
    points = pick(rng, [o for o, _ in options], [w for _, w in options])
    base = {k: float(rng.uniform(*POINT_RANGE[k][1 + points[i]])) for i, k in enumerate(("bilirubin", "albumin", "INR"))}
    base |= {
        "AST": float(np.clip(rng.lognormal(3.75, 0.45), 17, 118)),
        "ALT": float(np.clip(rng.lognormal(3.35, 0.45), 9, 95)),
        "platelets": float(np.clip(rng.normal(168, 55), 78, 340)),
        "ANC": float(np.clip(rng.normal(3.6, 1.1), 1.9, 7.4)),
        "Hb": float(np.clip(rng.normal(12.6, 1.3), 10.3, 16.5)),
        "creatinine": float(np.clip(rng.normal(0.86, 0.14), 0.55, 1.18)),
        "urine protein": float(rng.uniform(0.03, 0.14)),
        "TSH": float(rng.uniform(0.8, 3.9)),
    }
    base = {k: _as_reported(course, k, v) for k, v in base.items()}
    day = -int(pick(rng, (0, 1, 2, 3, 5, 7, 10, 13), (0.35, 0.2, 0.12, 0.1, 0.08, 0.07, 0.05, 0.03)))
    for analyte, value in base.items():
        _put(tables, course, day, analyte, value)
    if rng.random() < 0.25:
        _put(tables, course, day, "PT%", float(np.clip(118 - 32 * (base["INR"] - 0.9) * 2, 35, 120)))
    _add_markers(tables, course, rng)
    _add_older(tables, course, rng, base, day)
    return ASCITES[points[3]], ENCEPHALOPATHY[points[4]], base


def _add_markers(tables: RawTables, course: Course, rng) -> None:
    """AFP and PIVKA-II: the cohort's values, earlier ones inside the window and outside it, and later ones."""
    day = -int(rng.integers(0, 22))
    for analyte, value in (("AFP", course.row["afp"]), ("PIVKA-II", course.row["pivka"])):
        below = analyte == "AFP" and value == LIMIT_OF_AFP and rng.random() < 0.6
        _put(tables, course, day, analyte, value, "<" if below else "=")
        for back, often in ((int(rng.integers(1, 6)), 0.25), (int(rng.integers(30, 75)), 0.5)):
            if rng.random() < often:
                other = max(3, round(value * float(rng.uniform(0.25, 0.7))))
                _put(tables, course, day - back, analyte, other + (other == value))
        for scan in course.scans[:3]:
            _put(tables, course, scan, analyte, max(3, round(value * float(rng.lognormal(0.25, 0.6)))))


def _add_older(tables: RawTables, course: Course, rng, base: dict[str, float], day: int) -> None:
    """Records before the ones that count, some inside the window, with values that would give another score."""
    for back, often in ((int(rng.integers(1, 9)), 0.4), (int(rng.integers(18, 50)), 0.55)):
        if rng.random() < often:
            bilirubin = base["bilirubin"] + 1.3 if base["bilirubin"] < 1.8 else 1.1
            _put(tables, course, day - back, "bilirubin", bilirubin)
            _put(tables, course, day - back, "albumin", 3.2 if base["albumin"] > 3.5 else 4.0)
            _put(tables, course, day - back, "INR", base["INR"] + float(rng.uniform(0.02, 0.2)))
            for analyte in ("AST", "ALT", "platelets"):
                _put(tables, course, day - back, analyte, base[analyte] * float(rng.uniform(0.8, 1.2)))
    if rng.random() < 0.1:  # the same result sent twice
        same = next(r for r in tables.rows["lab"] if r["patient_id"] == course.patient_id and r["analyte"] == "albumin")
        tables.add("lab", **same)


def _event_value(rng, term: str, grade: int, base: dict[str, float]) -> tuple[str, float]:
    """A value of that CTCAE v5.0 grade: multiples of the upper limit, or of an abnormal baseline for the liver tests."""

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low + 0.15 * (high - low), high - 0.15 * (high - low)))

    if term in ("AST elevation", "ALT elevation"):
        name = term[:3]
        abnormal = base[name] > 40.5
        cuts = {1: (1.5 if abnormal else 1.1, 3), 2: (3, 5), 3: (5, 14), 4: (20, 28)}
        return name, between(*cuts[grade]) * (base[name] if abnormal else 40)
    if term == "Total bilirubin elevation":
        abnormal = base["bilirubin"] > 1.25
        cuts = {1: (1.08, 1.5), 2: (1.5, 3), 3: (3, 8), 4: (10, 13)}
        return "bilirubin", between(*cuts[grade]) * (base["bilirubin"] if abnormal else 1.2)
    ranges = {
        "Thrombocytopenia": ("platelets", {1: (76, 145), 2: (51, 74), 3: (26, 49), 4: (10, 24)}),
        "Anemia": ("Hb", {1: (10.1, 11.8), 2: (8.1, 9.9), 3: (6.8, 7.9)}),
        "Neutropenia": ("ANC", {1: (1.52, 1.75), 2: (1.03, 1.47), 3: (0.55, 0.95), 4: (0.2, 0.45)}),
        "Proteinuria": ("urine protein", {1: (0.2, 0.95), 2: (1.05, 3.4), 3: (3.6, 7.5)}),
        "Hypothyroidism": ("TSH", {1: (5.5, 9.5), 2: (12, 45)}),
    }
    analyte, cuts = ranges[term]
    value = between(*cuts[grade])
    if grade == 1 and analyte in ("platelets", "Hb"):  # lower than before, even if that was low already
        value = min(value, max(cuts[1][0], base[analyte] * 0.97))
    return analyte, value


LAB_TERMS = (
    "AST elevation", "ALT elevation", "Total bilirubin elevation", "Thrombocytopenia", "Anemia", "Neutropenia",
    "Proteinuria", "Hypothyroidism",
)  # fmt: skip


def add_later_labs(tables: RawTables, course: Course, base: dict[str, float], seed: int) -> None:
    """The value behind every laboratory event on its first day, and a panel every four weeks on treatment without new grades."""
    rng = stream(seed, "labs", 10_000 + course.number)
    taken: set[tuple[int, str]] = set()
    for event in course.events:
        if event["term"] not in LAB_TERMS:
            continue
        analyte, value = _event_value(rng, event["term"], event["grade"], base)
        if (event["start"], analyte) not in taken:
            taken.add((event["start"], analyte))
            _put(tables, course, event["start"], analyte, value)
    if course.end > 8 and rng.random() < 0.3:  # shortly after the first dose, with other Child-Pugh points
        after = int(rng.integers(2, 7))
        for analyte, factor in (("bilirubin", 1.9), ("albumin", 0.8)):
            if (after, analyte) not in taken:
                _put(tables, course, after, analyte, base[analyte] * factor)
    for visit in range(28, min(course.stop_day + 15, course.end, 200), 28):
        day = visit + int(rng.integers(-3, 4))
        if day >= course.end:
            break
        for analyte in PANEL + (("TSH", "urine protein") if visit % 56 == 0 else ()):
            if (day, analyte) in taken or _open_event(course, analyte, day):
                continue
            _put(tables, course, day, analyte, _quiet(rng, analyte, base[analyte]))


def _open_event(course: Course, analyte: str, day: int) -> bool:
    terms = {
        "AST": "AST elevation", "ALT": "ALT elevation", "bilirubin": "Total bilirubin elevation", "Hb": "Anemia",
        "platelets": "Thrombocytopenia", "ANC": "Neutropenia", "TSH": "Hypothyroidism", "urine protein": "Proteinuria",
    }  # fmt: skip
    return any(e["term"] == terms.get(analyte) and e["start"] <= day for e in course.events)


def _quiet(rng, analyte: str, value: float) -> float:
    """Around the baseline value without a worse CTCAE grade."""
    x = value * float(rng.uniform(0.88, 1.12))
    a = ANALYTES[analyte]
    if analyte in ("AST", "ALT", "bilirubin", "creatinine", "TSH", "urine protein"):
        ceiling = a.high * 0.97 if value <= a.high else value * 0.99
        return min(x, ceiling)
    if analyte in ("platelets", "ANC", "Hb"):
        floor = a.low * 1.02 if value >= a.low else {"platelets": 76.0, "ANC": 1.55, "Hb": 10.1}[analyte]
        return max(x, floor)
    return x
