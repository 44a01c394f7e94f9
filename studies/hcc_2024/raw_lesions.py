"""Lesions of one patient: what the baseline scan shows, and sizes at later scans that read back as the cohort's responses.

Sizes are whole millimetres. Every plan is checked against RECIST 1.1 (sum of target diameters) and mRECIST (viable diameters of
enhancing liver targets, other targets as in RECIST) with a margin around each threshold: response at 68 % of baseline or
less, stable above 73 % and below 115 % of the nadir, progression from 125 % and 7 mm.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hcc_2024.raw_engine import pick

RESPONSE, STABLE, GROWN, WORSE, STABLE_FROM = 0.68, 1.15, 1.25, 7, 0.73
TRIES = 4000


@dataclass
class Lesion:
    """size and viable: millimetres per visit, None where not measured; worse: visit of unequivocal progression, or -1."""

    name: str
    role: str
    organ: str
    node: bool
    size: list[int | None]
    viable: list[int | None] = field(default_factory=list)
    first_visit: int = 0
    worse: int = -1


@dataclass
class Plan:
    """Category per visit after baseline by both criteria (PR, SD, PD), and how progression shows (growth, new, non-target)."""

    recist: list[str]
    mrecist: list[str]
    way: str = "growth"


def baseline_lesions(rng: np.random.Generator, row: dict, liver_only: bool) -> list[Lesion]:
    """Nodules, node, metastases and thrombus of the covariates; at most two targets per organ, five in all.

    liver_only: nothing outside the liver is a target, so that necrosis alone can decide the mRECIST response.
    """
    largest = round(row["max_size_cm"] * 10)
    others = sorted((max(5, round(largest * rng.uniform(0.3, 0.9))) for _ in range(row["n_nodules"] - 1)), reverse=True)
    lesions = []
    for k, size in enumerate([largest, *others]):
        role = "target" if k < 2 and size >= 10 else "non-target"
        lesions.append(Lesion(f"L{k + 1}", role, "liver", False, [size]))
    outside = "non-target" if liver_only else "target"
    if row["ln_met"]:
        porta = not liver_only and row["bor_recist"] in ("SD", "PD") and rng.random() < 0.2
        size = int(rng.integers(26, 38) if porta else rng.integers(16, 33))
        organ = "lymph node, porta hepatis" if porta else "lymph node"
        lesions.append(Lesion("N1", outside, organ, True, [size]))
    if row["ehm"]:
        organ = pick(rng, ("lung", "bone", "adrenal", "peritoneum"), (0.55, 0.2, 0.14, 0.11))
        for k in range(int(pick(rng, (1, 2), (0.6, 0.4)))):
            size = int(rng.integers(12, 36))
            lesions.append(Lesion(f"E{k + 1}", "non-target" if organ == "bone" else outside, organ, False, [size]))
    if row["mvi"]:
        lesions.append(Lesion("T1", "non-target", "portal vein", False, [None]))
    for lesion in lesions:
        if lesion.role == "target" and lesion.organ == "liver":
            size = lesion.size[0]
            necrosis = 0.0 if size < 18 or rng.random() < 0.6 else rng.uniform(0.05, 0.2)
            lesion.viable = [round(size * (1 - necrosis))]
    return lesions


def sums(lesions: list[Lesion], visit: int) -> tuple[int, int]:
    """Sum of target diameters, and the same with viable diameters where they are measured."""
    targets = [x for x in lesions if x.role == "target"]
    return sum(x.size[visit] for x in targets), sum((x.viable or x.size)[visit] for x in targets)


def reads_as(series: list[int], category: str, grows: bool) -> bool:
    """Whether the last sum of the series is clearly of this category; grows: progression must show in the sum."""
    now, first, nadir = series[-1], series[0], min(series[:-1])
    stable = now < STABLE * nadir and now - nadir < 5
    if category == "PR":
        return now <= RESPONSE * first and stable
    if category == "PD":
        return now >= GROWN * nadir and now - nadir >= WORSE if grows else stable
    return now > STABLE_FROM * first and (stable or now <= nadir)


def grow(rng: np.random.Generator, lesions: list[Lesion], plan: Plan) -> None:
    """Add a size per visit of the plan to every target, then what shows progression otherwise."""
    for visit, (recist, mrecist) in enumerate(zip(plan.recist, plan.mrecist, strict=True), start=1):
        grows = recist == "PD" and plan.way == "growth"
        for _ in range(TRIES):
            if _try(rng, lesions, visit, plan, grows):
                break
        else:
            raise RuntimeError(f"no sizes read as {recist} and {mrecist} at visit {visit}")
        if recist == "PD":
            _show_otherwise(rng, lesions, visit, plan.way)


def _scale(rng: np.random.Generator, category: str, grows: bool, history: list[int]) -> float:
    """A sum of this category as a multiple of the baseline sum."""
    if category == "PR":
        return rng.uniform(0.42, 0.64)
    if category == "SD":
        return rng.uniform(0.8, 1.14)
    return (rng.uniform(1.3, 2.0) * min(history) if grows else rng.uniform(0.92, 1.08) * history[-1]) / history[0]


def _try(rng, lesions: list[Lesion], visit: int, plan: Plan, grows: bool) -> bool:
    """Draw sizes and viable sizes of all targets for this visit; true if both criteria read as wanted."""
    targets = [x for x in lesions if x.role == "target"]
    for x in targets:
        del x.size[visit:], x.viable[visit:]
    recist, mrecist = plan.recist[visit - 1], plan.mrecist[visit - 1]
    diameters, viable = ([sums(lesions, v)[k] for v in range(visit)] for k in (0, 1))
    scale = viable_scale = _scale(rng, recist, grows, diameters)
    if plan.recist[:visit] != plan.mrecist[:visit]:
        viable_scale = _scale(rng, mrecist, grows, viable)
    for x in targets:
        own = rng.uniform(0.95, 1.05)
        x.size.append(max(10 if x.node else 5, round(x.size[0] * scale * own)))
        if x.viable:
            x.viable.append(min(x.size[-1], max(4, round(x.viable[0] * viable_scale * own))))
    now = sums(lesions, visit)
    return reads_as([*diameters, now[0]], recist, grows) and reads_as([*viable, now[1]], mrecist, grows)


def _show_otherwise(rng, lesions: list[Lesion], visit: int, way: str) -> None:
    """A new lesion (large and enhancing enough for both criteria) or unequivocal progression of a non-target one."""
    if way == "new":
        organ = pick(rng, ("liver", "lung", "bone", "peritoneum"), (0.5, 0.3, 0.12, 0.08))
        size = int(rng.integers(13, 32))
        lesion = Lesion("W1", "new", organ, False, [None] * visit + [size], first_visit=visit)
        lesion.viable = [None] * visit + [size] if organ == "liver" else []
        lesions.append(lesion)
    if way == "non-target":
        candidates = [x for x in lesions if x.role == "non-target" and not x.node]
        (next((x for x in candidates if x.organ == "portal vein"), None) or candidates[0]).worse = visit
