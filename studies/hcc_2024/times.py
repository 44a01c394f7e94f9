"""Second step: an outcome for each of 126 slots (arm x matched x best response), calibrated to Table 3 and the follow-up text.

An outcome is a progression-free time and how it ends, an overall survival time and whether it ends in death. The annealing
moves inside the rules of a RECIST engine (`is_possible`), so that scans can be drawn behind every outcome later, and looks for
all printed medians, limits, log-rank P, event counts and quartiles of observed time without piles (`naturalness`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hcc_2024 import targets as T
from hcc_2024._compiled import njit
from hcc_2024.kernels import N, km_median, logrank_and_cox
from hcc_2024.naturalness import follow_up_shape, progression_shape, survival_shape
from hcc_2024.targets import CENSORED, CLINICAL, DEATH, NE, PD, RADIOLOGIC, SD

DEATHS = np.array([T.DEATHS_UNMATCHED, T.DEATHS_MATCHED])
PFS_CENSORED = np.array([T.PFS_CENSORED_UNMATCHED, T.PFS_CENSORED_MATCHED])

LONGEST_FOLLOW_UP = 960


@dataclass(frozen=True)
class Outcomes:
    """One entry per slot: sorafenib (0/1), matched, best response, PFS kind and day, OS day and death; and the misfit left."""

    sorafenib: np.ndarray
    matched: np.ndarray
    response: np.ndarray
    kind: np.ndarray
    pfs: np.ndarray
    os: np.ndarray
    dead: np.ndarray
    misfit: float


def slots() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorafenib, matched and best response of the 126 slots: 36 matched and 4 other lenvatinib, 36 and 50 sorafenib."""
    sorafenib, matched, response = [], [], []
    for (arm, is_matched), counts in T.RESPONSE_COUNTS.items():
        response.append(np.repeat(np.arange(4), counts))
        sorafenib.append(np.full(sum(counts), int(arm == "sorafenib")))
        matched.append(np.full(sum(counts), is_matched))
    return np.concatenate(sorafenib), np.concatenate(matched), np.concatenate(response)


@njit
def _is_possible_unseen(kind, pfs, os):
    """No scan: death, clinical progression or loss before one."""
    if kind == RADIOLOGIC or pfs > 84 or pfs < 7:
        return False
    if kind == CENSORED:
        return os == pfs
    return kind == DEATH or pfs >= 15


@njit
def _is_possible_seen(response, kind, pfs, os):
    """A scan at day 42 or later without progression."""
    if kind == CENSORED and os > pfs + 91:
        return False
    if response == SD:
        if kind == RADIOLOGIC:
            return pfs >= 70
        return pfs >= (42 if kind == CENSORED else 56)
    return pfs >= (84 if kind == CENSORED else 98)


@njit
def is_possible(response, kind, pfs, os, dead):
    """The rules between response, progression, scans and survival of one patient (days from the index date)."""
    if pfs < 1 or os < pfs or os > LONGEST_FOLLOW_UP:
        return False
    if (kind == DEATH and (os != pfs or dead != 1)) or (kind == CENSORED and dead != 0):
        return False
    if (kind == RADIOLOGIC and os < pfs + 5) or (kind == CLINICAL and os < pfs + 3):
        return False
    if response == PD:  # progression at the first scan
        return kind == RADIOLOGIC and 28 <= pfs <= 98
    if response == NE:
        return _is_possible_unseen(kind, pfs, os)
    return _is_possible_seen(response, kind, pfs, os)


@njit
def _outside(x, low, high):
    if np.isinf(low):
        return 0.0 if np.isinf(x) else 40.0
    if np.isinf(x):
        return 80.0
    return max(0.0, low - x, x - high)


@njit
def _curve_misfit(time, event, order, sorafenib, matched, masks, km, observed, weight, z):
    """Distance of one endpoint from its printed medians, limits, P values and observed-time quartiles."""
    misfit = 0.0
    three = np.empty(3)
    for group in range(4):
        km_median(order, time, event, masks[group], three)
        for q in range(3):
            d = _outside(three[q], km[3 * group + q, 0], km[3 * group + q, 1])
            misfit += d * (0.12 if q == 0 else 0.07) + (0.1 if d > 0 else 0.0)
    everyone = np.ones(N, np.bool_)
    lr, wald = logrank_and_cox(order, time, event, sorafenib, everyone)
    lr_matched, _ = logrank_and_cox(order, time, event, sorafenib, matched)
    for c, value in enumerate((lr, lr_matched, wald)):
        misfit += 4 * max(0.0, z[c, 0] - value, value - z[c, 1])
    y = time[order]
    ym = np.empty(72)
    k = 0
    for a in range(N):
        if matched[order[a]]:
            ym[k] = y[a]
            k += 1
    quartiles = np.empty(6)
    quartiles[0], quartiles[1], quartiles[2] = y[31], (y[62] + y[63]) / 2, y[94]
    quartiles[3], quartiles[4], quartiles[5] = (ym[17] + ym[18]) / 2, (ym[35] + ym[36]) / 2, (ym[53] + ym[54]) / 2
    for c in range(6):
        d = _outside(quartiles[c], observed[c, 0], observed[c, 1])
        misfit += weight[c] * (d * 0.08 + (0.08 if d > 0 else 0.0))
    return misfit


@njit
def _count_misfit(response, kind, pfs, os, dead, sorafenib, matched):
    """Events as printed; and enough of each way of ending for the raw tables and for third-line treatment."""
    deaths = np.zeros(2)
    censored = np.zeros(2)
    eligible = np.zeros(2)
    clinical = fatal = lost = fatal_unseen = early = before_week7 = 0
    for i in range(N):
        m = 1 if matched[i] else 0
        deaths[m] += dead[i]
        censored[m] += kind[i] == CENSORED
        clinical += kind[i] == CLINICAL
        fatal += kind[i] == DEATH
        lost += response[i] == NE and kind[i] == CENSORED
        fatal_unseen += response[i] == NE and kind[i] == DEATH
        if kind[i] <= CLINICAL and os[i] - pfs[i] >= 24:
            eligible[sorafenib[i]] += 1
        if response[i] == PD:
            early += pfs[i] < 42
            before_week7 += pfs[i] < 49
    s = 1.5 * (np.abs(deaths - DEATHS).sum() + np.abs(censored - PFS_CENSORED).sum())
    s += 0.1 * (max(0, clinical - 14) + max(0, 8 - clinical) + max(0, fatal - 16) + max(0, 9 - fatal))
    s += 0.2 * (max(0, lost - 2) + max(0, 1 - lost)) + 0.1 * max(0, 7 - fatal_unseen)
    s += 0.15 * (max(0, 22 - eligible[0]) + max(0, 52 - eligible[1]))
    s += 0.04 * max(0, early - 13) + 0.02 * max(0, before_week7 - 20)
    return s + _frail_misfit(kind, pfs, os, dead)


@njit
def _frail_misfit(kind, pfs, os, dead):
    """Room for the one ECOG-2 patient (other sorafenib): among the first five deaths, but after ten to sixteen PFS events.

    A single patient has univariable P 0.001 for death and 0.044 for progression, within a factor of three, only so.
    """
    best = 9.0
    for j in range(76, N):
        if not dead[j] or kind[j] == CENSORED or os[j] > 45:
            continue
        deaths_before = 0
        events_before = 0
        for i in range(N):
            deaths_before += dead[i] and os[i] < os[j]
            events_before += kind[i] != CENSORED and pfs[i] < pfs[j]
        best = min(best, max(0, deaths_before - 4) + max(0, 11 - events_before, events_before - 15))
    return 0.15 * best


@njit
def _os_misfit(os, dead, sorafenib, matched, masks, km, observed, weight, z):
    order = np.argsort(os, kind="mergesort")
    s = _curve_misfit(os, dead, order, sorafenib, matched, masks, km, observed, weight, z)
    for group in range(4):
        s += survival_shape(order, os, dead, masks[group])
    return s + follow_up_shape(order, os, dead)


@njit
def _pfs_misfit(pfs, kind, sorafenib, matched, masks, km, observed, weight, z):
    order = np.argsort(pfs, kind="mergesort")
    event = (kind != CENSORED).astype(np.int64)
    s = _curve_misfit(pfs, event, order, sorafenib, matched, masks, km, observed, weight, z)
    return s + progression_shape(order, pfs, event, 1 - sorafenib)


@njit
def _hand_over_censoring(i, j, response, kind, pfs, os, dead):
    """i, censored without progression, ends in an event; j, who had one, is censored instead at a scan near j's last contact."""
    if kind[i] != CENSORED or kind[j] == CENSORED or response[j] >= PD:
        return False
    if response[i] == NE:
        if not dead[j]:
            return False
        kind[i] = DEATH
    else:
        kind[i] = RADIOLOGIC if np.random.random() < 0.8 else CLINICAL
        pfs[i] = pfs[j] if np.random.random() < 0.7 else int(np.random.uniform(70, 250))
    dead[i] = dead[j]
    kind[j], dead[j] = CENSORED, 0
    pfs[j] = max(1, os[j] - np.random.randint(0, 80))
    return True


@njit
def _move_pfs(i, sigma, response, kind, pfs, os):
    """Another progression-free time; whoever died then, or was last seen near then, moves along."""
    old = pfs[i]
    pfs[i] = int(np.round(old * np.exp(np.random.normal() * sigma))) + np.random.randint(-2, 3)
    if kind[i] == DEATH or (kind[i] == CENSORED and response[i] == NE):
        os[i] = pfs[i]
    elif kind[i] == CENSORED:
        os[i] += pfs[i] - old
    return True


@njit
def _move_os(i, sigma, response, kind, os):
    """Another survival time, where it is not tied to the progression-free one."""
    if kind[i] == DEATH or (kind[i] == CENSORED and response[i] == NE):
        return False
    os[i] = int(np.round(os[i] * np.exp(np.random.normal() * sigma))) + np.random.randint(-2, 3)
    return True


@njit
def _change_kind(i, response, kind, pfs, os, dead):
    """Another way of ending progression-free survival."""
    new = np.random.randint(0, 4)
    if response[i] == PD or new == kind[i]:
        return False
    kind[i] = new
    if new == DEATH:
        dead[i] = 1
        if response[i] != NE and np.random.random() < 0.5:
            pfs[i] = os[i]
        else:
            os[i] = pfs[i]
    elif new == CENSORED:
        dead[i] = 0
        os[i] = pfs[i] if response[i] == NE else pfs[i] + np.random.randint(0, 92)
    elif os[i] < pfs[i] + 5:
        os[i] = pfs[i] + 5 + int(np.random.exponential(90.0))
    return True


@njit
def _exchange_survival(i, j, os, dead):
    os[i], os[j] = os[j], os[i]
    dead[i], dead[j] = dead[j], dead[i]
    return True


@njit
def _exchange_deaths(i, j, dead):
    if dead[i] == dead[j]:
        return False
    dead[i], dead[j] = dead[j], dead[i]
    return True


@njit
def _propose(i, j, move, fine, response, kind, pfs, os, dead):
    """Change patient i (and j) in place; false if the move has nothing to do there."""
    sigma = 0.03 if fine else 0.25
    if move < 0.36:
        return _move_pfs(i, sigma, response, kind, pfs, os)
    if move < 0.70:
        return _move_os(i, sigma, response, kind, os)
    if move < 0.78:
        return _change_kind(i, response, kind, pfs, os, dead)
    if move < 0.83:
        dead[i] = 1 - dead[i]
        return True
    if move < 0.87:
        return _hand_over_censoring(i, j, response, kind, pfs, os, dead)
    if move < 0.93:
        return _exchange_survival(i, j, os, dead)
    return _exchange_deaths(i, j, dead)


@njit
def _anneal(response, kind, pfs, os, dead, sorafenib, matched, masks, os_aim, pfs_aim, steps, seed):
    np.random.seed(seed)
    os_part = _os_misfit(os, dead, sorafenib, matched, masks, *os_aim)
    pfs_part = _pfs_misfit(pfs, kind, sorafenib, matched, masks, *pfs_aim)
    current = os_part + pfs_part + _count_misfit(response, kind, pfs, os, dead, sorafenib, matched)
    best = current
    kept = np.empty((4, N), np.int64)
    kept[0], kept[1], kept[2], kept[3] = kind, pfs, os, dead
    for s in range(steps):
        temperature = 1.0 * (1 - s / steps) ** 3 + 0.003
        i = np.random.randint(0, N)
        j = i
        move = np.random.random()
        if move >= 0.83:
            j = np.random.randint(0, N)
            if j == i or matched[i] != matched[j]:
                continue
        before = (kind[i], pfs[i], os[i], dead[i], kind[j], pfs[j], os[j], dead[j])
        good = _propose(i, j, move, np.random.random() > 0.4, response, kind, pfs, os, dead)
        good = good and is_possible(response[i], kind[i], pfs[i], os[i], dead[i])
        good = good and is_possible(response[j], kind[j], pfs[j], os[j], dead[j])
        if good:
            new_os, new_pfs = os_part, pfs_part
            if j != i or os[i] != before[2] or dead[i] != before[3]:
                new_os = _os_misfit(os, dead, sorafenib, matched, masks, *os_aim)
            if pfs[i] != before[1] or kind[i] != before[0]:
                new_pfs = _pfs_misfit(pfs, kind, sorafenib, matched, masks, *pfs_aim)
            new = new_os + new_pfs + _count_misfit(response, kind, pfs, os, dead, sorafenib, matched)
            if new <= current or np.random.random() < np.exp((current - new) / temperature):
                current, os_part, pfs_part = new, new_os, new_pfs
                if current < best - 1e-9:
                    best = current
                    kept[0], kept[1], kept[2], kept[3] = kind, pfs, os, dead
                continue
        kind[i], pfs[i], os[i], dead[i] = before[0], before[1], before[2], before[3]
        kind[j], pfs[j], os[j], dead[j] = before[4], before[5], before[6], before[7]
    return kept, best


def _start(rng, sorafenib, matched, response):
    """A random possible outcome per slot, roughly of the right length."""
    kind, pfs, os, dead = (np.zeros(N, np.int64) for _ in range(4))
    scale = np.where(sorafenib == 0, 310, np.where(matched, 230, 150))
    for i in range(N):
        while True:
            os[i] = 1 + int(scale[i] * (rng.exponential() / np.log(2)) ** (1 / 1.3))
            dead[i] = rng.random() < 0.64
            if response[i] == PD:
                kind[i], pfs[i] = RADIOLOGIC, rng.integers(30, 84)
            elif response[i] == NE:
                kind[i], pfs[i] = rng.choice([CLINICAL, DEATH, CENSORED], p=[0.35, 0.45, 0.2]), rng.integers(10, 80)
            else:
                kind[i] = rng.choice([RADIOLOGIC, CLINICAL, DEATH, CENSORED], p=[0.55, 0.08, 0.06, 0.31])
                pfs[i] = rng.uniform(70, 160) if response[i] == SD else rng.uniform(110, 300)
            if kind[i] == DEATH:
                dead[i] = 1
                pfs[i], os[i] = (pfs[i], pfs[i]) if response[i] == NE else (os[i], os[i])
            if kind[i] == CENSORED:
                dead[i], os[i] = 0, pfs[i] + (0 if response[i] == NE else rng.integers(0, 90))
            if is_possible(response[i], kind[i], pfs[i], os[i], dead[i]):
                break
    return kind, pfs, os, dead


def make_outcomes(seed: int, steps: int) -> Outcomes:
    """Anneal `steps` moves from `seed`; about 14 microseconds per step on one core."""
    sorafenib, matched, response = slots()
    kind, pfs, os, dead = _start(np.random.default_rng(seed), sorafenib, matched, response)
    lenvatinib = sorafenib == 0
    masks = np.array([lenvatinib, ~lenvatinib, lenvatinib & matched, ~lenvatinib & matched])
    os_aim = (T.OS_KM, T.OS_OBSERVED.astype(float), T.OS_OBSERVED_WEIGHT, T.OS_Z)
    pfs_aim = (T.PFS_KM, T.PFS_OBSERVED.astype(float), T.PFS_OBSERVED_WEIGHT, T.PFS_Z)
    kept, best = _anneal(response, kind, pfs, os, dead, sorafenib, matched, masks, os_aim, pfs_aim, steps, seed)
    return Outcomes(sorafenib, matched, response, kept[0], kept[1], kept[2], kept[3], float(best))
