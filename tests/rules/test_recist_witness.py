"""The SQL of RECIST 1.1 and mRECIST against a second reading of the rules, in plain loops, on random patients."""

from __future__ import annotations

import random

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes

DAYS = (-5, 50, 100, 150, 200)
N = 400


def draw_patient(rng: random.Random) -> list[dict]:
    """Lesions with one reading per visit: None (no row) or (status, diameter, viable)."""
    lesions = []
    for k in range(rng.randint(0, 3)):
        organ, node = rng.choice(
            [("liver", False), ("liver", False), ("lung", False), ("lymph node", True), ("porta hepatis", True)]
        )
        size = rng.choice([16, 20, 30, 45])
        lesions.append(lesion(rng, f"T{k}", "target", organ, node, 0, size))
    for k in range(rng.randint(0, 2)):
        lesions.append(lesion(rng, f"B{k}", "non-target", rng.choice(["liver", "bone", "ascites"]), False, 0, None))
    if rng.random() < 0.3:
        lesions.append(lesion(rng, "L", "new", rng.choice(["liver", "bone"]), False, rng.randint(1, 4), 8))
    return lesions


def lesion(rng: random.Random, name: str, role: str, organ: str, node: bool, first: int, size: float | None) -> dict:
    readings, current = [], size
    enhances = organ == "liver" and rng.random() < 0.8
    for visit in range(len(DAYS)):
        if visit < first or (visit > first and rng.random() < 0.04):
            readings.append(None)
            continue
        roll = rng.random() if visit > first else 1.0
        if roll < 0.06:
            readings.append(("not assessable", None, None))
        elif roll < 0.14:
            readings.append(("absent", None, None))
        elif roll < 0.18 and role == "non-target":
            readings.append(("unequivocal progression", None, None))
        elif current is None:
            readings.append(("present", None, None))
        else:
            current = round(current * rng.choice([0.4, 0.7, 0.9, 1.0, 1.1, 1.2, 1.5]), 1) if visit > first else current
            viable = round(current * rng.choice([0, 0.5, 1, 1]), 1) if visit > first else current
            readings.append(("present", current, viable if enhances else None))
    return {"name": name, "role": role, "organ": organ, "node": node, "first": first, "readings": readings}


def witness(lesions: list[dict], mrecist: bool) -> list[str]:
    """Overall response at each visit after the first, straight from the rules."""
    kept = [x for x in lesions if not (mrecist and (x["organ"] == "ascites" or is_benign_node(x)))]
    targets = [x for x in kept if x["role"] == "target"]
    others = [x for x in kept if x["role"] == "non-target"]
    fresh = [x for x in kept if x["role"] == "new"]
    baseline = sum(size_of(x, 0, mrecist) for x in targets)
    nadir, all_were_gone, was_complete, out = baseline, False, False, []
    for visit in range(1, len(DAYS)):
        sizes = [size_of(x, visit, mrecist) for x in targets]
        known = sum(s for s in sizes if s is not None)
        gone = [is_gone(x, visit, mrecist) for x in targets]
        target = None
        if targets:
            grown = known > nadir and known >= 1.2 * nadir - 1e-6 and known - nadir >= (0 if mrecist else 5) - 1e-6
            back = all_were_gone and any(s and not x["node"] for s, x in zip(sizes, targets, strict=True))
            if (grown and any(s is not None for s in sizes)) or back:
                target = "PD"
            elif None in sizes:
                target = "NE"
            else:
                target = "CR" if all(gone) else "PR" if known <= 0.7 * baseline + 1e-6 else "SD"
            all_were_gone = all_were_gone or all(gone)
            if None not in sizes:
                nadir = min(nadir, known)
        other = non_target(others, visit, mrecist)
        new = any(counts_as_new(x, visit, mrecist) for x in fresh)
        again = was_complete and any(is_seen(x, visit) and not is_gone(x, visit, mrecist) for x in others)
        was_complete = was_complete or (bool(targets or others) and not new and {target, other} <= {None, "CR"})
        out.append("PD" if again else combine(target, other, new))
    return out


def combine(target: str | None, other: str | None, new: bool) -> str:
    if new or "PD" in (target, other):
        return "PD"
    if target == "CR":
        return "CR" if other in (None, "CR") else "PR"
    return target or other or "NE"


def non_target(others: list[dict], visit: int, mrecist: bool) -> str | None:
    if not others:
        return None
    status = [(x["readings"][visit] or ("not assessable",))[0] for x in others]
    if "unequivocal progression" in status:
        return "PD"
    if "not assessable" in status:
        return "NE"
    return "CR" if all(is_gone(x, visit, mrecist) for x in others) else "NON-CR/NON-PD"


def by_viable(x: dict, mrecist: bool) -> bool:
    return mrecist and x["organ"] == "liver" and bool(x["readings"][0][2])


def size_of(x: dict, visit: int, mrecist: bool) -> float | None:
    status, diameter, viable = x["readings"][visit] or ("not assessable", None, None)
    if status == "absent":
        return 0.0
    return viable if by_viable(x, mrecist) else diameter


def is_seen(x: dict, visit: int) -> bool:
    return bool(x["readings"][visit]) and x["readings"][visit][0] != "not assessable"


def is_gone(x: dict, visit: int, mrecist: bool) -> bool:
    status, diameter, viable = x["readings"][visit] or ("not assessable", None, None)
    if status == "absent":
        return True
    if x["node"]:
        return diameter is not None and diameter < 10
    if x["role"] == "target":
        return size_of(x, visit, mrecist) == 0
    return mrecist and x["organ"] == "liver" and viable == 0


def is_benign_node(x: dict) -> bool:
    return x["organ"] == "porta hepatis" and x["readings"][0][1] < 20


def counts_as_new(x: dict, visit: int, mrecist: bool) -> bool:
    reading = x["readings"][visit]
    if visit < x["first"] or (reading and reading[0] == "absent"):
        return False
    if not mrecist or x["organ"] != "liver":
        return True
    seen = [(v, r) for v, r in enumerate(x["readings"]) if r and r[1] is not None]
    first = x["readings"][x["first"]][1]
    if any(r[1] >= first + 10 for _, r in seen):
        return True
    enhancing = [v for v, r in seen if r[1] >= 10 and r[2]]
    return bool(enhancing) and visit >= min(enhancing)


def tables(patients: dict[str, list[dict]]) -> dict[str, dict[str, list]]:
    scans = [(p, str(v), str(d), "true", "true") for p in patients for v, d in enumerate(DAYS)]
    lesions = [
        (p, x["name"], x["role"], x["organ"], str(x["node"]).lower(), str(x["first"]))
        for p, drawn in patients.items()
        for x in drawn
    ]
    measures = [
        (p, x["name"], str(v), r[1], r[2], r[0])
        for p, drawn in patients.items()
        for x in drawn
        for v, r in enumerate(x["readings"])
        if r
    ]
    followup = [(p, "300", "300") for p in patients]

    def columns(names: str, rows: list[tuple]) -> dict[str, list]:
        cells = [[None if c is None else str(c) for c in column] for column in zip(*rows, strict=True)]
        return dict(zip(names.split(), cells, strict=True))

    return {
        "visit_imaging": columns("patient_id visit day scheduled evaluable", scans),
        "lesion": columns("patient_id lesion_id role organ is_lymph_node first_visit", lesions),
        "lesion_measure": columns("patient_id lesion_id visit diameter_mm viable_mm status", measures),
        "followup": columns("patient_id last_contact_day data_cutoff_day", followup),
    }


def test_two_readings_of_the_rules_agree(draw):
    rng = random.Random(20240107)
    patients = {f"P{i:03}": draw_patient(rng) for i in range(N)}
    study = draw(" ".join(patients), tables(patients), response={"criteria": ["RECIST 1.1", "mRECIST"]})
    derive_covariates(study.protocol, study.sources, study.cohort)
    derive_outcomes(study.protocol, study.sources, study.cohort)
    found: dict[tuple[str, str], list[str]] = {}
    for criterion, patient, overall in study.rows("select criterion, patient_id, overall from visit_response order by day"):
        found.setdefault((criterion, patient), []).append(overall)
    for patient, lesions in patients.items():
        assert found["RECIST 1.1", patient] == witness(lesions, False), patient
        assert found["mRECIST", patient] == witness(lesions, True), patient
    assert {r for responses in found.values() for r in responses} == {"CR", "PR", "SD", "PD", "NON-CR/NON-PD", "NE"}
