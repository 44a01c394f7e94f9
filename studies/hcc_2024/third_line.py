"""Fourth step: who received a third line, when and which, calibrated to the counts and eight log-rank P of the text."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from scipy.stats import chi2

from hcc_2024 import targets as T
from hcc_2024.kernels import N, logrank_z
from hcc_2024.times import Outcomes

ROOM = 24  # days of follow-up after progression that a third line needs
LENVATINIB_OTHERS = ("nivolumab", "regorafenib", "cabozantinib")
SORAFENIB_DRUGS = ("regorafenib",) * 19 + ("cabozantinib",) * 11 + ("nivolumab",) * 9 + ("ipilimumab+nivolumab",) * 5


def logrank_p(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    """P of the log-rank test between all groups (chi-square, groups - 1 degrees of freedom)."""
    names = np.unique(group)
    member = group[:, None] == names
    u, V = np.zeros(len(names)), np.zeros((len(names),) * 2)
    for t in np.unique(time[event == 1]):
        at_risk, dying = time >= t, (time == t) & (event == 1)
        n, d, a = at_risk.sum(), dying.sum(), member[at_risk].sum(0)
        u += member[dying].sum(0) - d * a / n
        if n > 1:
            V += d * (n - d) / (n - 1) * (np.diag(a / n) - np.outer(a, a) / n**2)
    k = len(names) - 1
    return float(chi2.sf(u[:k] @ np.linalg.pinv(V[:k, :k]) @ u[:k], k)) if k else 1.0


def choose_patients(outcomes: Outcomes, rng: np.random.Generator) -> np.ndarray:
    """0/1 per slot: 18 of lenvatinib and 44 of sorafenib among those with a progression and room after it."""
    room = (outcomes.kind <= T.CLINICAL) & (outcomes.os - outcomes.pfs >= ROOM)
    chosen = np.zeros(N, np.int64)
    for arm, count, name in ((0, T.THIRD_LINE_LENVATINIB, "lenvatinib"), (1, T.THIRD_LINE_SORAFENIB, "sorafenib")):
        chosen |= _choose(outcomes, room & (outcomes.sorafenib == arm), outcomes.sorafenib == arm, count, name, rng)
    return chosen


def _choose(outcomes, eligible, arm, count, name, rng) -> np.ndarray:
    """Exchange patients until both log-rank tests of third line yes/no are near print; sorafenib: yes lives longer."""
    index = np.nonzero(eligible)[0]
    order = np.argsort(outcomes.os, kind="stable")
    aims = [T.z_of_p(p) for p in T.THIRD_LINE_P[name]]

    def misfit(chosen: np.ndarray) -> float:
        z = logrank_z(order, outcomes.os, outcomes.dead, chosen, arm)
        zm = logrank_z(order, outcomes.os, outcomes.dead, chosen, arm & outcomes.matched)
        return max(0.0, abs((-z if name == "sorafenib" else abs(z)) - aims[0]) - 0.01) + max(0.0, abs(abs(zm) - aims[1]) - 0.01)

    best, kept = np.inf, np.zeros(N, np.int64)
    for _ in range(4):
        chosen = np.zeros(N, np.int64)
        chosen[rng.choice(index, count, replace=False)] = 1
        current = misfit(chosen)
        for step in range(3000):
            i, j = rng.choice(index[chosen[index] == 1]), rng.choice(index[chosen[index] == 0])
            chosen[i], chosen[j] = 0, 1
            new = misfit(chosen)
            if new <= current or rng.random() < np.exp((current - new) / (0.15 * (1 - step / 3000) + 1e-4)):
                current = new
            else:
                chosen[i], chosen[j] = 1, 0
            if current < best:
                best, kept = current, chosen.copy()
            if best <= 0:
                return kept
    return kept


def choose_drugs(outcomes: Outcomes, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Drug names per slot. After lenvatinib 15 of 18 sorafenib; after sorafenib four regimens."""
    drug = np.full(N, "", object)
    for arm, name in ((0, "lenvatinib"), (1, "sorafenib")):
        index = np.nonzero((chosen == 1) & (outcomes.sorafenib == arm))[0]
        os, dead, m = outcomes.os[index], outcomes.dead[index], outcomes.matched[index]
        best = np.inf
        for group in _proposals(name, len(index), rng):
            p = logrank_p(os, dead, group)
            if name == "sorafenib" and abs(p - T.THIRD_LINE_TYPE_P[name][0]) > 0.04:
                continue
            pm = logrank_p(os[m], dead[m], group[m])
            far = abs(np.log(p / 0.0005)) * (p > 0.00095) if name == "lenvatinib" else 0.0
            far += abs(np.log(pm / T.THIRD_LINE_TYPE_P[name][1]))
            if far < best:
                best, drug[index] = far, group
    return drug


def _proposals(name: str, n: int, rng: np.random.Generator):
    if name == "lenvatinib":
        for others in permutations(range(n), n - T.SORAFENIB_AFTER_LENVATINIB):
            if list(others) == sorted(others):
                group = np.full(n, "sorafenib", object)
                group[list(others)] = LENVATINIB_OTHERS
                yield group
    else:
        for _ in range(1500):
            yield rng.permutation(np.array(SORAFENIB_DRUGS, object))


def start_days(outcomes: Outcomes, chosen: np.ndarray, rng: np.random.Generator) -> list[int | None]:
    """7 to 42 days after progression, at least 10 days before the end of follow-up."""
    days: list[int | None] = [None] * N
    for i in np.nonzero(chosen)[0]:
        room = int(outcomes.os[i] - outcomes.pfs[i])
        days[i] = int(outcomes.pfs[i]) + min(int(rng.integers(7, 43)), room - 10)
    return days
