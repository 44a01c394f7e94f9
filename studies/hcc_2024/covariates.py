"""First step: covariates of 126 patients whose propensity-score match gives the printed 36 pairs.

Counts of Table 1 before matching are fixed multisets and the quartiles' order statistics are pinned, so "before" is exact by
construction. What the match leaves ("after", BCLC, discordant pairs) is annealed, with the match redone at every step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hcc_2024 import targets as T
from hcc_2024._compiled import njit

NL, N = T.N_LENVATINIB, T.N_PATIENTS
NAMES = (
    "age", "male", "max_size_cm", "multiple", "ehm", "ln_met", "child_pugh_score", "ecog_1_2", "viral", "mvi",
    "afp", "pivka", "prior_cycles",
)  # fmt: skip
AGE, MALE, SIZE, MULT, EHM, LN, CPS, E1, VIR, MVI, AFP, PIV, CYC = range(13)
CONTINUOUS = np.array([AGE, SIZE, AFP, PIV, CYC])
SEGMENT = 13  # columns 13 to 17: quartile segment of each continuous variable, 4 = pinned
COUNTED = np.array([MALE, E1, VIR, MULT, EHM, LN, MVI])
AFTER_L = np.array([T.BINARY_COUNTS[NAMES[k]][2] for k in COUNTED])
AFTER_S = np.array([T.BINARY_COUNTS[NAMES[k]][3] for k in COUNTED])
SCORES_L, SCORES_S = np.array(T.CHILD_PUGH_COUNTS[2]), np.array(T.CHILD_PUGH_COUNTS[3])
BCLC_B = np.array(T.BCLC_B_COUNTS)
QUARTILES, ROUNDING, ON_LOG_SCALE = T.QUARTILES, T.QUARTILE_ROUNDING, T.ON_LOG_SCALE
LOWEST, HIGHEST, DECIMALS, DISCORDANT = T.LOWEST, T.HIGHEST, T.DECIMALS, T.DISCORDANT_PAIRS


@dataclass(frozen=True)
class Covariates:
    """values: one row per patient (40 lenvatinib first), columns NAMES; mate: row of the matched patient, -1 if none."""

    values: np.ndarray
    mate: np.ndarray
    misfit: float


@njit
def quartiles(x):
    """Quartiles of type 2."""
    s = np.sort(x)
    n = len(s)
    r = np.empty(3)
    for k in range(3):
        h = n * (k + 1) * 0.25
        j = int(np.floor(h + 1e-9))
        r[k] = (s[j - 1] + s[j]) / 2 if abs(h - j) < 1e-9 else s[j]
    return r


@njit
def propensity(X, b):  # noqa: C901 - a solver
    """Logit of lenvatinib on age, sex, size, number, metastasis (extrahepatic or nodal), Child-Pugh class; Newton from b."""
    Z = np.empty((N, 7))
    for i in range(N):
        Z[i, 0] = 1
        Z[i, 1] = (X[i, AGE] - 62) / 10
        Z[i, 2] = X[i, MALE]
        Z[i, 3] = (X[i, SIZE] - 5) / 4
        Z[i, 4] = X[i, MULT]
        Z[i, 5] = max(X[i, EHM], X[i, LN])
        Z[i, 6] = 1.0 if X[i, CPS] >= 7 else 0.0
    for _ in range(25):
        G = np.zeros(7)
        H = np.zeros((7, 7))
        for i in range(N):
            e = 0.0
            for k in range(7):
                e += Z[i, k] * b[k]
            p = 1 / (1 + np.exp(-e))
            r = (1.0 if i < NL else 0.0) - p
            w = p * (1 - p)
            for k in range(7):
                G[k] += r * Z[i, k]
                for m in range(k + 1):
                    H[k, m] += w * Z[i, k] * Z[i, m]
        for k in range(7):
            H[k, k] += 1e-10
            for m in range(k):
                H[m, k] = H[k, m]
        step = np.linalg.solve(H, G)
        largest = np.abs(step).max()
        if largest > 3:
            step *= 3 / largest
        b = b + step
        if largest < 1e-10:
            break
    lp = np.zeros(N)
    for i in range(N):
        for k in range(7):
            lp[i] += Z[i, k] * b[k]
    return lp, b


@njit
def match(lp, mate):
    """Greedy 1:1 on the logit, largest lenvatinib score first, caliper 0.2 SD of all; fills mate, returns pairs and near-ties."""
    mean = lp.mean()
    v = 0.0
    for i in range(N):
        v += (lp[i] - mean) ** 2
    caliper = 0.2 * np.sqrt(v / (N - 1))
    order = np.argsort(-lp[:NL])
    pairs = 0
    near = 0
    used = np.zeros(N, np.bool_)
    for a in range(NL):
        i = order[a]
        mate[i] = -1
        d1 = 9e9
        d2 = 9e9
        j1 = -1
        if a + 1 < NL and lp[i] - lp[order[a + 1]] < 1e-6:
            near += 1
        for j in range(NL, N):
            if used[j]:
                continue
            d = abs(lp[j] - lp[i])
            if d < d1:
                d2 = d1
                d1 = d
                j1 = j
            elif d < d2:
                d2 = d
        if abs(d1 - caliper) < 1e-4:
            near += 1
        if d1 <= caliper:
            mate[i] = j1
            used[j1] = True
            pairs += 1
            if d2 - d1 < 1e-5:
                near += 1
    return pairs, near


@njit
def _count_misfit(X, ours, theirs):
    """Counts of Table 1 after matching."""
    c = 0.0
    for q in range(7):
        a = 0.0
        d = 0.0
        for t in range(len(ours)):
            a += X[ours[t], COUNTED[q]]
            d += X[theirs[t], COUNTED[q]]
        c += abs(a - AFTER_L[q]) + abs(d - AFTER_S[q])
    for q in range(4):
        a = 0.0
        d = 0.0
        for t in range(len(ours)):
            if X[ours[t], CPS] == 5 + q:
                a += 1
            if X[theirs[t], CPS] == 5 + q:
                d += 1
        c += abs(a - SCORES_L[q]) + abs(d - SCORES_S[q])
    return c


@njit
def _bclc_misfit(X, ours, theirs):
    """Stage B: ECOG 0, no invasion, no metastasis; all multinodular, or they would be stage A."""
    matched = np.zeros(N, np.bool_)
    for t in range(len(ours)):
        matched[ours[t]] = True
        matched[theirs[t]] = True
    n = np.zeros(4)
    single = 0
    for i in range(N):
        if X[i, E1] == 0 and X[i, MVI] == 0 and X[i, EHM] == 0 and X[i, LN] == 0:
            if X[i, MULT] == 0:
                single += 1
            g = 0 if i < NL else 1
            n[g] += 1
            n[2 + g] += matched[i]
    return 2 * (abs(n[0] - BCLC_B[0]) + abs(n[1] - BCLC_B[1]) + single) + (abs(n[2] - BCLC_B[2]) + abs(n[3] - BCLC_B[3]))


@njit
def _quartile_misfit(X, ours, theirs):
    """Quartiles of all 126 and of the matched: twice the former plus the latter."""
    total = 0.0
    after = 0.0
    for v in range(5):
        for g in range(3):
            x = X[:, CONTINUOUS[v]] if g == 0 else (X[ours, CONTINUOUS[v]] if g == 1 else X[theirs, CONTINUOUS[v]])
            r = quartiles(x)
            for k in range(3):
                t = QUARTILES[v, 2 + g, k]
                d = 1.5 * abs(np.log((r[k] + 1) / (t + 1))) if ON_LOG_SCALE[v] else abs(r[k] - t) / (1.5 if v == 0 else 0.5)
                d = 0.0 if abs(r[k] - t) <= ROUNDING[v] else min(d, 4.0) * 0.6 + 0.35
                if g == 0:
                    total += 2 * d
                else:
                    after += d
    return total, after


@njit
def _pair_misfit(X, ours, theirs):
    """Discordant pairs of six yes/no variables."""
    D = np.zeros(12)
    for t in range(len(ours)):
        i = ours[t]
        j = theirs[t]
        a = np.array([X[i, E1] == 0, X[i, VIR] == 1, X[i, CPS] <= 6, X[i, MULT] == 0, X[i, LN] == 1, X[i, MVI] == 1])
        b = np.array([X[j, E1] == 0, X[j, VIR] == 1, X[j, CPS] <= 6, X[j, MULT] == 0, X[j, LN] == 1, X[j, MVI] == 1])
        for q in range(6):
            if a[q] and not b[q]:
                D[2 * q] += 1
            if b[q] and not a[q]:
                D[2 * q + 1] += 1
    m = 0.0
    for q in range(12):
        m += abs(D[q] - DISCORDANT[q])
    return 0.15 * m


@njit
def misfit(X, b, mate, part):
    """Sum of part (pairs and near-ties, counts, BCLC, total quartiles, matched quartiles, pairs) and the new start for b."""
    lp, b2 = propensity(X, b)
    n, near = match(lp, mate)
    ours = np.empty(n, np.int64)
    theirs = np.empty(n, np.int64)
    k = 0
    for i in range(NL):
        if mate[i] >= 0:
            ours[k] = i
            theirs[k] = mate[i]
            k += 1
    part[0] = 4 * abs(n - 36) + 0.7 * near
    part[1] = _count_misfit(X, ours, theirs)
    part[2] = _bclc_misfit(X, ours, theirs)
    part[3], part[4] = _quartile_misfit(X, ours, theirs)
    part[5] = _pair_misfit(X, ours, theirs)
    return part.sum(), b2


@njit
def _new_value(X, i, v, g):
    """Another value for continuous variable v of patient i, inside its quartile segment; the old one if there is none."""
    k = CONTINUOUS[v]
    old = X[i, k]
    segment = int(X[i, SEGMENT + v])
    low = LOWEST[v] if segment == 0 else QUARTILES[v, g, segment - 1]
    high = HIGHEST[v] if segment == 3 else QUARTILES[v, g, segment]
    u = np.random.random()
    if u < 0.35:
        x = QUARTILES[v, 2 + np.random.randint(0, 3), np.random.randint(0, 3)]
        x += 0.0 if v != 1 else 0.05 * np.random.randint(-1, 2)
    elif u < 0.6:
        x = old * np.exp(np.random.normal() * 0.05)
    elif ON_LOG_SCALE[v]:
        x = np.exp(np.log(low) + np.random.random() * (np.log(high) - np.log(low)))
    else:
        x = low + np.random.random() * (high - low)
    x = np.round(x, DECIMALS[v])
    return old if x < low or x > high else x


@njit
def _swap(X, i, j, k):
    X[i, k], X[j, k] = X[j, k], X[i, k]
    for v in range(5):
        if CONTINUOUS[v] == k:
            X[i, SEGMENT + v], X[j, SEGMENT + v] = X[j, SEGMENT + v], X[i, SEGMENT + v]


@njit
def _anneal(X, steps, seed):
    np.random.seed(seed)
    mate = np.full(N, -1, np.int64)
    part = np.zeros(6)
    current, b = misfit(X, np.zeros(7), mate, part)
    best = current
    kept = X.copy()
    for s in range(steps):
        temperature = 2.5 * (1 - s / steps) ** 3 + 0.015
        i = np.random.randint(0, NL) if np.random.random() < 0.42 else np.random.randint(NL, N)
        g = 0 if i < NL else 1
        j = -1
        old = 0.0
        if np.random.random() < 0.4:
            v = np.random.randint(0, 5)
            k = CONTINUOUS[v]
            if X[i, SEGMENT + v] == 4:
                continue
            old = X[i, k]
            x = _new_value(X, i, v, g)
            if x == old:
                continue
            X[i, k] = x
        else:
            k = np.random.randint(0, 13)
            j = np.random.randint(0, NL) if g == 0 else np.random.randint(NL, N)
            if X[i, k] == X[j, k]:
                continue
            _swap(X, i, j, k)
        new, b2 = misfit(X, b, mate, part)
        if new <= current or np.random.random() < np.exp((current - new) / temperature):
            current = new
            b = b2
        elif j >= 0:
            _swap(X, i, j, k)
        else:
            X[i, k] = old
        if current < best - 1e-9:
            best = current
            kept = X.copy()
    return kept, best


def _start(rng: np.random.Generator) -> np.ndarray:
    """Values with pinned order statistics: type-2 ranks of n = 40 (10/11, 20/21, 30/31) and n = 86 (22, 43/44, 65)."""
    X = np.zeros((N, SEGMENT + 5))
    for g, n, offset, ranks in ((0, 40, 0, ((9, 10), (19, 20), (29, 30))), (1, 86, 40, ((21,), (42, 43), (64,)))):
        rows = slice(offset, offset + n)
        pinned = {r: q for q, tied in enumerate(ranks) for r in tied}
        for v, k in enumerate(CONTINUOUS):
            scale, back = (np.log, np.exp) if ON_LOG_SCALE[v] else (lambda z: z, lambda z: z)
            edges = [LOWEST[v], *QUARTILES[v, g], HIGHEST[v]]
            value = np.zeros((n, 2))
            for r in range(n):
                if r in pinned:
                    value[r] = QUARTILES[v, g][pinned[r]], 4
                    continue
                segment = sum(r > max(tied) for tied in ranks)
                low, high = edges[segment], edges[segment + 1]
                u = rng.beta(1, 1.8) if segment == 3 else rng.beta(1.8, 1) if segment == 0 else rng.random()
                x = np.round(back(scale(low) + u * (scale(high) - scale(low))), DECIMALS[v])
                value[r] = np.clip(x, low, high), segment
            shuffled = rng.permutation(n)
            X[rows, k], X[rows, SEGMENT + v] = value[shuffled, 0], value[shuffled, 1]
        for name in ("male", "multiple", "ehm", "ln_met", "ecog_1_2", "viral", "mvi"):
            yes = T.BINARY_COUNTS[name][g]
            X[rows, NAMES.index(name)] = rng.permutation(np.r_[np.ones(yes), np.zeros(n - yes)])
        X[rows, CPS] = rng.permutation(np.repeat([5, 6, 7, 8], T.CHILD_PUGH_COUNTS[g]))
    return X


def make_covariates(seed: int, steps: int) -> Covariates:
    """Anneal `steps` moves from `seed`; about 25 microseconds per step on one core."""
    X, best = _anneal(_start(np.random.default_rng(seed)), steps, seed)
    mate, part = np.full(N, -1, np.int64), np.zeros(6)
    misfit(X, np.zeros(7), mate, part)
    return Covariates(X[:, :SEGMENT].copy(), mate, float(best))
