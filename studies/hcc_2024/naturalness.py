"""Penalties on what printed numbers do not forbid but no hospital has seen: piled deaths, uneven hazards, follow-up at a cap.

Every function returns zero for a cohort without fault, so that the annealing can reach zero in all of them at once.
"""

from __future__ import annotations

import numpy as np

from hcc_2024._compiled import njit

BIN_DAYS, N_BINS = 30, 12


@njit
def windows_crowded(values, n, allowed, width):
    """How many windows of `width` days (inclusive count) hold more than `allowed` of the first n sorted values."""
    faults = 0
    for i in range(n - allowed):
        if values[i + allowed] - values[i] < width:
            faults += 1
    return faults


@njit
def hazard_unevenness(order, time, event, mask):
    """Monthly hazards of the first year against the mean of their neighbours, on the square-root scale."""
    deaths = np.zeros(N_BINS)
    at_risk = np.zeros(N_BINS)
    for a in range(len(order)):
        i = order[a]
        if not mask[i]:
            continue
        for b in range(N_BINS):
            spent = time[i] - BIN_DAYS * b
            if spent <= 0:
                break
            at_risk[b] += min(spent, BIN_DAYS)
        b = (time[i] - 1) // BIN_DAYS
        if event[i] and b < N_BINS:
            deaths[b] += 1
    fault = 0.0
    for b in range(N_BINS):
        low = max(0, b - 2)
        high = min(N_BINS, b + 3)
        around = deaths[low:high].sum() / max(1.0, at_risk[low:high].sum()) * at_risk[b]
        fault += max(0.0, abs(np.sqrt(deaths[b] + 0.375) - np.sqrt(around + 0.375)) - 0.55)
    return fault


@njit
def _ends_in_event(order, event, mask):
    """1 if the longest time of the group is an event, so that its curve would fall to zero."""
    for a in range(len(order) - 1, -1, -1):
        if mask[order[a]]:
            return event[order[a]]
    return 0


@njit
def survival_shape(order, time, dead, mask):
    """Deaths of one group: at most three within five days, no three on one day, an even hazard, somebody alive at the end."""
    n = 0
    days = np.empty(len(order))
    for a in range(len(order)):
        i = order[a]
        if mask[i] and dead[i]:
            days[n] = time[i]
            n += 1
    faults = windows_crowded(days, n, 3, 5) + windows_crowded(days, n, 2, 1) + windows_crowded(days, n, 5, 14)
    faults += _ends_in_event(order, dead, mask)
    return 0.12 * faults + 0.25 * hazard_unevenness(order, time, dead, mask)


@njit
def follow_up_shape(order, time, dead):
    """Ends of follow-up of those alive: no piles; long ones as a calendar with staggered entry would leave them."""
    n = 0
    days = np.empty(len(order))
    early = 0
    for a in range(len(order)):
        i = order[a]
        if not dead[i]:
            days[n] = time[i]
            n += 1
            early += time[i] < 60
    faults = windows_crowded(days, n, 2, 5) + windows_crowded(days, n, 1, 1) + max(0, early - 6)
    late = 0
    for a in range(n):
        if days[a] > 400:
            if a >= 3 and days[a] - days[a - 3] < 45:
                faults += 1
            late += days[a] >= 650
    return 0.12 * (faults + max(0, late - 7))


@njit
def progression_shape(order, time, event, arm):
    """Progression-free times: no three on one day, few far beyond what both arms' medians suggest, no late pile."""
    faults = 0.0
    long = 0
    very_long = 0
    n = len(order)
    for a in range(n):
        t = time[order[a]]
        long += t >= 270
        very_long += t >= 450
        if a >= 4 and t - time[order[a - 4]] < 1:
            faults += 1
        if t > 250 and a >= 2 and t - time[order[a - 2]] < 12:
            faults += 1
    for g in range(2):
        k = 0
        days = np.empty(n)
        for a in range(n):
            i = order[a]
            if arm[i] == g and event[i]:
                days[k] = time[i]
                k += 1
        faults += _ends_in_event(order, event, arm == g)
        faults += windows_crowded(days, k, 4 if g == 1 else 8, 5) + windows_crowded(days, k, 3 - g, 1)
    return 0.12 * (faults + max(0, long - 12) + max(0, very_long - 4))
