"""Fifth step: the analysis-level cohort, one row per patient, from the covariates, outcomes and third line of the slots."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from hcc_2024 import covariates as C
from hcc_2024 import targets as T
from hcc_2024 import third_line
from hcc_2024.assignment import Assigned
from hcc_2024.kernels import N
from hcc_2024.targets import CENSORED, CLINICAL, DEATH, NE, PD, RADIOLOGIC, SD
from hcc_2024.times import Outcomes

HEADER = [
    "patient_id", "arm", "matched", "pair_id", "age", "male", "ecog", "viral", "bclc", "child_pugh_score", "n_nodules",
    "multiple_tumors", "max_size_cm", "ehm", "ln_met", "mvi", "afp", "pivka", "prior_cycles", "first_scan_day", "bor_recist",
    "bor_mrecist", "pfs_days", "pfs_event", "pfs_kind", "os_days", "os_event", "third_line", "third_line_start_day",
    "third_line_drug",
]  # fmt: skip


def first_scans(outcomes: Outcomes, rng: np.random.Generator) -> list[int | None]:
    """Day 56 to 84 where progression-free survival allows it, otherwise unscheduled and earlier; none in NE."""
    days: list[int | None] = [None] * N
    for i in range(N):
        pfs, kind = int(outcomes.pfs[i]), outcomes.kind[i]
        if outcomes.response[i] == PD:
            days[i] = pfs
        elif outcomes.response[i] != NE:
            latest = min(pfs - 28 if kind == RADIOLOGIC else pfs - 7 if kind in (CLINICAL, DEATH) else pfs, 84)
            if kind == CENSORED and pfs - 28 < 56:
                day = pfs if pfs <= 91 else int(rng.integers(56, pfs - 27))
            else:
                day = int(rng.integers(56, latest + 1)) if latest >= 56 else int(rng.integers(42, latest + 1))
            if kind == CENSORED and day != pfs and pfs - day < 28:
                day = pfs - 28
            days[i] = day
    return days


def mrecist_responses(outcomes: Outcomes) -> np.ndarray:
    """As RECIST, except three SD that are PR and one PD that is SD under lenvatinib, one SD that is PR under sorafenib."""
    response = outcomes.response.copy()
    longest = np.argsort(-outcomes.pfs, kind="stable")
    of = lambda arm, kind: [i for i in longest if outcomes.sorafenib[i] == arm and outcomes.matched[i] and response[i] == kind]  # noqa: E731
    stable_l, stable_s = of(0, SD), of(1, SD)
    late_pd = [i for i in of(0, PD) if outcomes.pfs[i] >= 50]
    response[[stable_l[k] for k in (1, 4, 7)]] = T.PR
    response[stable_s[0]] = T.PR
    response[max(late_pd, key=lambda i: (outcomes.os[i], -i))] = SD
    return response


def nodules(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One, or a number of two to ten; stage B with tumours up to 3 cm has more than three."""
    v = {name: values[:, k] for k, name in enumerate(C.NAMES)}
    stage_b = (v["ecog_1_2"] == 0) & (v["mvi"] == 0) & (v["ehm"] == 0) & (v["ln_met"] == 0)
    several = rng.choice([2, 3, 4, 5, 6, 8, 10], N, p=[0.25, 0.2, 0.15, 0.12, 0.1, 0.1, 0.08])
    number = np.where(v["multiple"] == 1, several, 1)
    small = stage_b & (v["max_size_cm"] <= 3)
    number[small] = rng.choice([4, 5, 6, 8], int(small.sum()))
    return number


def cohort_rows(outcomes: Outcomes, assigned: Assigned, seed: int) -> list[dict]:
    """The rows of cohort.csv: lenvatinib first, in a random order within each arm; pairs numbered by the lenvatinib patient."""
    rng = np.random.default_rng([seed, 1])
    chosen = third_line.choose_patients(outcomes, rng)
    drug = third_line.choose_drugs(outcomes, chosen, rng)
    start = third_line.start_days(outcomes, chosen, rng)
    first, mrecist = first_scans(outcomes, rng), mrecist_responses(outcomes)
    number = nodules(assigned.values, rng)
    order = [*rng.permutation(C.NL), *(C.NL + rng.permutation(N - C.NL))]
    pair_of: dict[int, int] = {}
    for i in order[: C.NL]:
        if assigned.mate[i] >= 0:
            pair_of[i] = pair_of[int(assigned.mate[i])] = len(pair_of) // 2 + 1
    rows = []
    for k, i in enumerate(order, start=1):
        v = {name: assigned.values[i, c] for c, name in enumerate(C.NAMES)}
        ecog = int(v["ecog_1_2"]) + (i == assigned.ecog2)
        advanced = ecog or v["mvi"] or v["ehm"] or v["ln_met"]
        rows.append(
            {
                "patient_id": f"P{k:03d}", "arm": ("lenvatinib", "sorafenib")[outcomes.sorafenib[i]],
                "matched": int(i in pair_of), "pair_id": pair_of.get(i, ""), "age": int(v["age"]), "male": int(v["male"]),
                "ecog": ecog, "viral": int(v["viral"]), "bclc": "C" if advanced else "B",
                "child_pugh_score": int(v["child_pugh_score"]), "n_nodules": int(number[i]),
                "multiple_tumors": int(v["multiple"]), "max_size_cm": f"{v['max_size_cm']:.1f}", "ehm": int(v["ehm"]),
                "ln_met": int(v["ln_met"]), "mvi": int(v["mvi"]), "afp": int(v["afp"]), "pivka": int(v["pivka"]),
                "prior_cycles": int(v["prior_cycles"]), "first_scan_day": "" if first[i] is None else first[i],
                "bor_recist": T.RESPONSE_NAME[outcomes.response[i]], "bor_mrecist": T.RESPONSE_NAME[mrecist[i]],
                "pfs_days": int(outcomes.pfs[i]), "pfs_event": int(outcomes.kind[i] != CENSORED),
                "pfs_kind": T.KIND_NAME[outcomes.kind[i]], "os_days": int(outcomes.os[i]), "os_event": int(outcomes.dead[i]),
                "third_line": int(chosen[i]), "third_line_start_day": "" if start[i] is None else start[i],
                "third_line_drug": drug[i],
            }
        )  # fmt: skip
    return rows


def write_cohort(rows: list[dict], path: Path) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
