"""Compiled survival statistics of the annealing loops: Kaplan-Meier, log-rank, Cox with Efron ties.

They are evaluated millions of times on 126 patients, so they take the time order as an argument and allocate little. The
package's own estimators live in `stats/`; nothing downstream uses these.
"""

from __future__ import annotations

import numpy as np

from hcc_2024._compiled import njit

Z95 = 1.959963984540054
N = 126


@njit
def km_median(order, time, event, mask, out):  # noqa: C901 - one pass over the times
    """Median with its lower and upper limit (type `log`) of the rows in mask, into out; infinite if not reached.

    Where a curve runs flat at exactly one half, the middle of the flat stretch is taken, as R does.
    """
    at_risk = 0
    for i in range(N):
        if mask[i]:
            at_risk += 1
    survival = 1.0
    greenwood = 0.0
    a = 0
    start = np.zeros(3)
    state = np.zeros(3, np.int64)  # 0 above one half, 1 flat at one half, 2 done
    out[:] = np.inf
    while a < N:
        now = time[order[a]]
        deaths = 0
        leaving = 0
        while a < N and time[order[a]] == now:
            j = order[a]
            if mask[j]:
                leaving += 1
                deaths += event[j]
            a += 1
        if deaths > 0:
            survival *= 1 - deaths / at_risk
            greenwood = greenwood + deaths / (at_risk * (at_risk - deaths)) if at_risk > deaths else np.inf
            se = np.sqrt(greenwood)
            for c in range(3):
                if state[c] == 2:
                    continue
                if c == 0:
                    y = survival
                elif survival <= 0:
                    y = 0.0 if c == 1 else np.inf
                elif c == 1:
                    y = survival * np.exp(-Z95 * se)
                else:
                    y = min(1.0, survival * np.exp(Z95 * se))
                if state[c] == 1:
                    out[c] = (start[c] + now) / 2
                    state[c] = 2
                elif y <= 0.5 + 1e-9:
                    out[c] = now
                    start[c] = now
                    state[c] = 1 if y >= 0.5 - 1e-9 else 2
        at_risk -= leaving


@njit
def _risk_sets(order, time, event, x, mask):
    """Per distinct event time: deaths, deaths with x = 1, at risk, at risk with x = 1; and how many times there are."""
    n = 0
    n1 = 0
    for i in range(N):
        if mask[i]:
            n += 1
            n1 += x[i]
    table = np.zeros((4, N))
    k = 0
    a = 0
    while a < N:
        now = time[order[a]]
        d = 0
        d1 = 0
        r = 0
        r1 = 0
        while a < N and time[order[a]] == now:
            j = order[a]
            if mask[j]:
                r += 1
                r1 += x[j]
                d += event[j]
                d1 += event[j] * x[j]
            a += 1
        if d > 0:
            table[0, k] = d
            table[1, k] = d1
            table[2, k] = n
            table[3, k] = n1
            k += 1
        n -= r
        n1 -= r1
    return table, k


@njit
def _cox_binary(table, k):
    """Efron estimate of one binary covariate and its Wald z."""
    beta = 0.0
    info = 1e-9
    for _ in range(8):
        score = 0.0
        info = 1e-9
        w = np.exp(beta)
        for q in range(k):
            score += table[1, q]
            for tied in range(int(table[0, q])):
                f = tied / table[0, q]
                s0 = (table[2, q] - table[3, q]) - f * (table[0, q] - table[1, q])
                s1 = w * (table[3, q] - f * table[1, q])
                p = s1 / (s0 + s1)
                score -= p
                info += p * (1 - p)
        step = min(2.0, max(-2.0, score / info))
        beta += step
        if abs(step) < 1e-7 or abs(beta) > 9:
            break
    return beta, beta * np.sqrt(info)


@njit
def logrank_and_cox(order, time, event, x, mask):
    """Signed log-rank z of x = 1 (positive: more events than expected) and the Wald z of its univariable Cox model."""
    table, k = _risk_sets(order, time, event, x, mask)
    u = 0.0
    v = 0.0
    for q in range(k):
        d = table[0, q]
        n = table[2, q]
        p = table[3, q] / n
        u += table[1, q] - d * p
        if n > 1:
            v += d * p * (1 - p) * (n - d) / (n - 1)
    _, wald = _cox_binary(table, k)
    return (u / np.sqrt(v) if v > 0 else 0.0), wald


@njit
def logrank_z(order, time, event, x, mask):
    """Signed log-rank z of x = 1 among the rows in mask."""
    table, k = _risk_sets(order, time, event, x, mask)
    u = 0.0
    v = 0.0
    for q in range(k):
        d = table[0, q]
        n = table[2, q]
        p = table[3, q] / n
        u += table[1, q] - d * p
        if n > 1:
            v += d * p * (1 - p) * (n - d) / (n - 1)
    return u / np.sqrt(v) if v > 0 else 0.0


@njit
def cox_univariable(order, time, event, columns, row, beta, wald):
    """One Cox model per binary column; patient j of the outcomes has the covariates columns[row[j]]."""
    everyone = np.ones(N, np.bool_)
    x = np.zeros(N, np.int64)
    for c in range(len(beta)):
        for j in range(N):
            x[j] = columns[row[j], c]
        table, k = _risk_sets(order, time, event, x, everyone)
        beta[c], wald[c] = _cox_binary(table, k)


@njit
def cox_multivariable(order, time, event, columns, row, chosen, beta):  # noqa: C901 - one pass over the times
    """Newton from beta (changed in place) for the chosen binary columns; returns the standard errors."""
    p = len(chosen)
    info = np.zeros((p, p))
    for _ in range(12):
        score = np.zeros(p)
        info[:] = 0
        s0 = 0.0
        s1 = np.zeros(p)
        s2 = np.zeros((p, p))
        a = N - 1
        while a >= 0:
            now = time[order[a]]
            d = 0
            d0 = 0.0
            d1 = np.zeros(p)
            d2 = np.zeros((p, p))
            while a >= 0 and time[order[a]] == now:
                j = order[a]
                y = row[j]
                eta = 0.0
                for k in range(p):
                    eta += columns[y, chosen[k]] * beta[k]
                w = np.exp(eta)
                s0 += w
                dead = event[j]
                d += dead
                d0 += w * dead
                for k in range(p):
                    if columns[y, chosen[k]]:
                        s1[k] += w
                        score[k] += dead
                        d1[k] += w * dead
                        for m in range(k + 1):
                            if columns[y, chosen[m]]:
                                s2[k, m] += w
                                d2[k, m] += w * dead
                a -= 1
            for tied in range(d):
                f = tied / d
                q0 = s0 - f * d0
                for k in range(p):
                    u = (s1[k] - f * d1[k]) / q0
                    score[k] -= u
                    for m in range(k + 1):
                        info[k, m] += (s2[k, m] - f * d2[k, m]) / q0 - u * (s1[m] - f * d1[m]) / q0
        for k in range(p):
            info[k, k] += 1e-9
            for m in range(k):
                info[m, k] = info[k, m]
        step = np.linalg.solve(info, score)
        largest = np.abs(step).max()
        if largest > 2:
            step *= 2 / largest
        for k in range(p):
            beta[k] = min(9.0, max(-9.0, beta[k] + step[k]))
        if largest < 1e-7:
            break
    return np.sqrt(np.diag(np.linalg.inv(info)))
