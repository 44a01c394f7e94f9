"""Third step: which patient gets which outcome, calibrated to the Cox models of Table 4 and the prior-cycle subgroup.

Exchanging outcomes inside a cell arm x matched, or AFP, PIVKA-II and cycle values inside a cell, changes no Kaplan-Meier curve
and no row of Tables 1 and 2, only covariate effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hcc_2024 import covariates as C
from hcc_2024 import targets as T
from hcc_2024._compiled import njit
from hcc_2024.kernels import N, cox_multivariable, cox_univariable, logrank_z
from hcc_2024.times import Outcomes

COLUMN = {name: k for k, name in enumerate(T.COX_COLUMNS)}
ECOG2, CYCLES3, CANDIDATE = COLUMN["ecog_2"], COLUMN["cycles_3"], 15
EXCHANGEABLE = np.array([COLUMN["afp_200"], COLUMN["pivka_1000"], CYCLES3])
UNMATCHED_SORAFENIB = 76  # slots 0-35 matched lenvatinib, 36-39 other, 40-75 matched sorafenib, 76-125 other
LONGEST_CALENDAR = 1180  # days for first-line cycles and follow-up, inside May 2020 to September 2023

# One row per endpoint (death, progression).
AIM_Z = np.array([[T.z_of_p(p) for p in T.UNIVARIABLE_P_OS], [T.z_of_p(p) for p in T.UNIVARIABLE_P_PFS]])
# Limits: within a factor of three of the printed P and on its side of 0.05.
FACTOR = 3.0


def _z_limits(p: float) -> tuple[float, float]:
    low, high = T.z_of_p(min(p * FACTOR, 0.9999)), T.z_of_p(p / FACTOR)
    return (max(low, 1.975), high) if p < 0.05 else (low, min(high, 1.945))


LIMITS = np.array([[_z_limits(p) for p in row] for row in (T.UNIVARIABLE_P_OS, T.UNIVARIABLE_P_PFS)])
SIGNED = np.array([[c in T.HARMFUL_OS for c in T.COX_COLUMNS], [c in T.HARMFUL_PFS for c in T.COX_COLUMNS]])
WEIGHT_Z = np.array([0.0 if c == "sorafenib" else 0.5 for c in T.COX_COLUMNS])
CYCLES_BETA = np.log([T.CYCLES_HR_OS, T.CYCLES_HR_PFS])


def _adjusted(model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    columns, hr, p, weight = zip(*model, strict=True)
    z = np.array([T.z_of_p(x) for x in p])
    return np.array([COLUMN[c] for c in columns]), np.log(hr), z, np.array(weight)


OS_MODEL, OS_BETA, OS_WALD, OS_WEIGHT = _adjusted(T.ADJUSTED_OS)
PFS_MODEL, PFS_BETA, PFS_WALD, PFS_WEIGHT = _adjusted(T.ADJUSTED_PFS)


@dataclass(frozen=True)
class Assigned:
    """Patients in slot order: covariate values (C.NAMES), mate by slot (-1 none), ECOG 2, and the misfit left."""

    values: np.ndarray
    mate: np.ndarray
    ecog2: int
    misfit: float


@njit
def _univariable_misfit(endpoint, order, time, event, X, row, beta, wald):
    cox_univariable(order, time, event, X, row, beta, wald)
    s = 8 * max(0.0, abs(beta[CYCLES3] - CYCLES_BETA[endpoint]) - 0.003)
    for c in range(15):
        z = wald[c] if SIGNED[endpoint, c] else abs(wald[c])
        aim = AIM_Z[endpoint, c]
        s += WEIGHT_Z[c] * max(0.0, abs(z - aim) - 0.1)
        if WEIGHT_Z[c] > 0:
            s += 1.5 * max(0.0, LIMITS[endpoint, c, 0] - z, z - LIMITS[endpoint, c, 1])
    return s


@njit
def _adjusted_misfit(order, time, event, X, row, model, aim, aim_wald, weight, beta):
    se = cox_multivariable(order, time, event, X, row, model, beta)
    s = 0.0
    for k in range(len(model)):
        s += 10 * weight[k] * max(0.0, abs(beta[k] - aim[k]) - 0.002)
        s += 0.08 * weight[k] * max(0.0, abs(abs(beta[k]) / se[k] - aim_wald[k]) - 0.03)
    return s


@njit
def _subgroup_misfit(orders, times, events, X, row, sorafenib, matched):
    """No difference between the arms at <= 3 or > 3 cycles, in either cohort (P above 0.05)."""
    s = 0.0
    mask = np.zeros(N, np.bool_)
    for g in range(4):
        for j in range(N):
            mask[j] = X[row[j], CYCLES3] == (g & 1) and (g < 2 or matched[j])
        for e in range(2):
            s += 4 * max(0.0, abs(logrank_z(orders[e], times[e], events[e], sorafenib, mask)) - 1.85)
    return s


@njit
def _misfit(orders, times, events, X, row, os_beta, pfs_beta, sorafenib, matched):
    beta = np.zeros(15)
    wald = np.zeros(15)
    s = 0.0
    for e in range(2):
        s += _univariable_misfit(e, orders[e], times[e], events[e], X, row, beta, wald)
    s += _adjusted_misfit(
        orders[0], times[0], events[0], X, row, OS_MODEL, OS_BETA, OS_WALD, OS_WEIGHT, os_beta
    )  # fmt: skip
    s += _adjusted_misfit(
        orders[1], times[1], events[1], X, row, PFS_MODEL, PFS_BETA, PFS_WALD, PFS_WEIGHT, pfs_beta
    )  # fmt: skip
    return s + _subgroup_misfit(orders, times, events, X, row, sorafenib, matched)


@njit
def _anneal(orders, times, events, X, row, source, ecog2, sorafenib, matched, steps, seed):
    """Moves: the ECOG-2 patient, a marker or cycle value between two patients of a cell, the outcomes of two of a cell."""
    np.random.seed(seed)
    os_beta = OS_BETA.copy()
    pfs_beta = PFS_BETA.copy()
    current = _misfit(orders, times, events, X, row, os_beta, pfs_beta, sorafenib, matched)
    best = current
    kept_row, kept_source, kept_ecog2 = row.copy(), source.copy(), ecog2
    for s in range(steps):
        temperature = 0.8 * (1 - s / steps) ** 3 + 0.004
        move = np.random.random()
        i = -1
        j = -1
        v = -1
        c = -1
        before = ecog2
        if move < 0.02:
            y = np.random.randint(UNMATCHED_SORAFENIB, N)
            if X[y, CANDIDATE] == 0:
                continue
            X[ecog2, ECOG2] = 0
            X[y, ECOG2] = 1
            ecog2 = y
        else:
            i = np.random.randint(0, N)
            j = np.random.randint(0, N)
            if i == j or sorafenib[i] != sorafenib[j] or matched[i] != matched[j]:
                continue
            if move < 0.3:
                v = np.random.randint(0, 3)
                c = EXCHANGEABLE[v]
                if X[i, c] == X[j, c]:
                    continue
                X[i, c], X[j, c] = X[j, c], X[i, c]
                source[v, i], source[v, j] = source[v, j], source[v, i]
            else:
                row[i], row[j] = row[j], row[i]
        b1 = os_beta.copy()
        b2 = pfs_beta.copy()
        new = _misfit(orders, times, events, X, row, b1, b2, sorafenib, matched)
        if new <= current or np.random.random() < np.exp((current - new) / temperature):
            current = new
            os_beta = b1
            pfs_beta = b2
            if current < best - 1e-9:
                best = current
                kept_row, kept_source, kept_ecog2 = row.copy(), source.copy(), ecog2
        elif v >= 0:
            X[i, c], X[j, c] = X[j, c], X[i, c]
            source[v, i], source[v, j] = source[v, j], source[v, i]
        elif i >= 0:
            row[i], row[j] = row[j], row[i]
        else:
            X[ecog2, ECOG2] = 0
            X[before, ECOG2] = 1
            ecog2 = before
    return kept_row, kept_source, kept_ecog2, best


def _binary_columns(values: np.ndarray) -> np.ndarray:
    """The covariates of Table 4 as 0/1 (T.COX_COLUMNS, ECOG 2 still empty), and who may be the ECOG-2 patient."""
    v = {name: values[:, k] for k, name in enumerate(C.NAMES)}
    stage_b = (v["ecog_1_2"] == 0) & (v["mvi"] == 0) & (v["ehm"] == 0) & (v["ln_met"] == 0)
    columns = {
        "age_63": v["age"] >= 63, "male": v["male"], "ecog_2": np.zeros(N), "viral": v["viral"], "bclc_c": ~stage_b,
        "child_pugh_b": v["child_pugh_score"] >= 7, "multiple": v["multiple"], "size_10": v["max_size_cm"] >= 10,
        "ehm": v["ehm"], "ln_met": v["ln_met"], "mvi": v["mvi"], "afp_200": v["afp"] > 200,
        "pivka_1000": v["pivka"] > 1000, "sorafenib": np.arange(N) >= C.NL, "cycles_3": v["prior_cycles"] <= 3,
    }  # fmt: skip
    candidate = (np.arange(N) >= UNMATCHED_SORAFENIB) & (v["ecog_1_2"] == 1)
    return np.column_stack([columns[c] for c in T.COX_COLUMNS] + [candidate]).astype(np.int64)


def _in_slot_order(covariates: C.Covariates) -> tuple[np.ndarray, np.ndarray]:
    """Rows as the slots are: matched lenvatinib, other lenvatinib, matched sorafenib, other; mate renumbered likewise."""
    mate = np.full(N, -1)
    mate[: C.NL] = covariates.mate[: C.NL]
    for i in np.nonzero(mate[: C.NL] >= 0)[0]:
        mate[mate[i]] = i
    arm, matched = np.arange(N) >= C.NL, mate >= 0
    order = np.lexsort((np.arange(N), ~matched, arm))
    place = np.argsort(order)
    return covariates.values[order], np.where(mate[order] >= 0, place[mate[order]], -1)


def _fit_calendar(values: np.ndarray, outcomes: Outcomes, rng: np.random.Generator) -> None:
    """Where cycles and follow-up do not fit between approval and cut-off, exchange cycles on one side of the cut in a cell."""
    cycles, end = values[:, C.CYC], outcomes.os
    for i in np.nonzero(21 * cycles + end > LONGEST_CALENDAR)[0]:
        alike = (outcomes.sorafenib == outcomes.sorafenib[i]) & (outcomes.matched == outcomes.matched[i])
        for j in rng.permutation(np.nonzero(alike & ((cycles <= 3) == (cycles[i] <= 3)))[0]):
            if max(21 * cycles[j] + end[i], 21 * cycles[i] + end[j]) <= LONGEST_CALENDAR:
                cycles[i], cycles[j] = cycles[j], cycles[i]
                break


def assign(covariates: C.Covariates, outcomes: Outcomes, seed: int, steps: int) -> Assigned:
    """Anneal `steps` exchanges from `seed`; about 60 microseconds per step on one core. Outcomes keep their slots."""
    rng = np.random.default_rng(seed)
    values, mate = _in_slot_order(covariates)
    X = _binary_columns(values)
    ecog2 = int(rng.choice(np.nonzero(X[:, CANDIDATE])[0]))
    X[ecog2, ECOG2] = 1
    row = np.zeros(N, np.int64)
    for s in (0, 1):
        for m in (True, False):
            cell = np.nonzero((outcomes.sorafenib == s) & (outcomes.matched == m))[0]
            row[cell] = rng.permutation(cell)
    times = np.array([outcomes.os, outcomes.pfs])
    events = np.array([outcomes.dead, (outcomes.kind != T.CENSORED).astype(np.int64)])
    orders = np.argsort(times, axis=1, kind="stable")
    source = np.tile(np.arange(N), (3, 1))
    row, source, ecog2, best = _anneal(
        orders, times, events, X, row, source, ecog2, outcomes.sorafenib, outcomes.matched, steps, seed
    )  # fmt: skip
    for v, k in enumerate((C.AFP, C.PIV, C.CYC)):
        values[:, k] = values[source[v], k]
    slot_of = np.argsort(row)
    values, mate = values[row], np.where(mate[row] >= 0, slot_of[mate[row]], -1)
    _fit_calendar(values, outcomes, rng)
    return Assigned(values, mate, int(slot_of[ecog2]), float(best))
