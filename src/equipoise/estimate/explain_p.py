"""Which test made this P: every usual test, correction and tail of a table or of two samples, and which of them prints as
the given P does."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr, ndtri, stdtr

from equipoise import stats
from equipoise.errors import EquipoiseError, Fault


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test of the data, its P (or statistic), and how it prints: 'rounded', 'truncated' or '' where it does not match."""

    method: str
    value: float
    match: str

    def __str__(self) -> str:
        mark = {"rounded": "=", "truncated": "~ (cut off, not rounded)", "": " "}[self.match]
        return f"{self.value:.6g}  {mark}  {self.method}"


def explain_table(table: np.ndarray, printed: str) -> list[Candidate]:
    """table: counts, rows = arms, columns = categories, at least 2 x 2. printed: the P as printed, e.g. 0.019 or <0.001."""
    table = np.asarray(table, dtype=int)
    found = [*_general(table)]
    if table.shape == (2, 2):
        found += _two_by_two(table)
    elif table.shape[0] == 2:
        found += _ordered(table)
    return _judged(found, printed)


def explain_samples(x: np.ndarray, y: np.ndarray, printed: str) -> list[Candidate]:
    """x, y: two samples; of equal length they are also tested as pairs."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    found = [*_unpaired(x, y)]
    if len(x) == len(y):
        found += _paired(x, y)
    return _judged(found, printed)


def prints_as(value: float, printed: str) -> str:
    """'rounded' when the value rounds (half up) to the printed digits, 'truncated' when only its digits begin so."""
    text = printed.strip().replace(",", ".")
    try:
        if text.startswith("<"):
            return "rounded" if 0 <= value < float(text[1:]) else ""
        target = decimal.Decimal(text)
    except (ValueError, decimal.InvalidOperation):
        message = f"'{printed}' is not a P; write it as printed, e.g. 0.019 or <0.001"
        raise EquipoiseError(Fault("P", "number", message)) from None
    if not np.isfinite(value):
        return ""
    step = decimal.Decimal(1).scaleb(int(target.as_tuple().exponent))
    exact = decimal.Decimal(repr(float(value)))
    if exact.quantize(step, decimal.ROUND_HALF_UP) == target:
        return "rounded"
    return "truncated" if exact.quantize(step, decimal.ROUND_DOWN) == target else ""


def _judged(found: list[tuple[str, float]], printed: str) -> list[Candidate]:
    judged = [Candidate(method, float(value), prints_as(value, printed)) for method, value in found if np.isfinite(value)]
    rank = {"rounded": 0, "truncated": 1, "": 2}
    return sorted(judged, key=lambda c: rank[c.match])


def _general(table: np.ndarray) -> Iterator[tuple[str, float]]:
    pearson = stats.pearson(table)
    yield "Pearson chi-square, no continuity correction", pearson.p
    yield "Pearson chi-square: the statistic, not its P", pearson.statistic
    yield "likelihood-ratio chi-square", stats.likelihood_ratio(table).p
    yield "Fisher exact, two-sided", stats.fisher(table).p
    n = table.sum()
    if min(table.shape) == 2 and max(table.shape) == 2:
        yield "chi-square with n-1 (Mantel-Haenszel)", chdtrc(1, pearson.statistic * (n - 1) / n)


def _two_by_two(table: np.ndarray) -> Iterator[tuple[str, float]]:
    (a, b), (c, d) = table.astype(float)
    n1, n0 = a + b, c + d
    yates = stats.pearson(table, correction=True)
    yield "Pearson chi-square, Yates' continuity correction", yates.p
    yield "Pearson chi-square, Yates: the statistic, not its P", yates.statistic
    yield "Pearson chi-square, one-sided", stats.pearson(table).p / 2
    less, greater, mid = _fisher_tails(table)
    yield "Fisher exact, one-sided (less)", less
    yield "Fisher exact, one-sided (greater)", greater
    yield "Fisher exact, doubled smaller tail", min(1.0, 2 * min(less, greater))
    yield "Fisher exact, mid-P", mid
    p1, p0 = a / n1, c / n0
    unpooled = np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    if unpooled > 0:
        yield "difference of proportions, unpooled z", 2 * ndtr(-abs((p1 - p0) / unpooled))
    if min(a, b, c, d) > 0:
        z = np.log(a * d / (b * c)) / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        yield "Wald test of the log odds ratio (logistic regression)", 2 * ndtr(-abs(z))
        z = np.log(p1 / p0) / np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n0)
        yield "Wald test of the log risk ratio", 2 * ndtr(-abs(z))
    if b + c > 0:
        for correction, exact, name in (
            (False, False, "no correction"),
            (True, False, "continuity correction"),
            (False, True, "exact"),
        ):
            result = stats.mcnemar(int(b), int(c), correction=correction, exact=exact)
            yield f"McNemar, {name} (the table as pairs, discordant {int(b)} and {int(c)})", result.p


def _fisher_tails(table: np.ndarray) -> tuple[float, float, float]:
    """One-sided P (less, greater) and the two-sided mid-P, by enumerating the hypergeometric distribution of cell 1,1."""
    (a, b), (c, d) = table.astype(int)
    n1, n0, m = a + b, c + d, a + c
    x = np.arange(max(0, m - n0), min(m, n1) + 1)

    def log_choose(n: int, k: np.ndarray) -> np.ndarray:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    p = np.exp(log_choose(n1, x) + log_choose(n0, m - x) - log_choose(n1 + n0, np.array(m)))
    here = p[x == a][0]
    tied = np.isclose(p, here, rtol=1e-7)
    return float(p[x <= a].sum()), float(p[x >= a].sum()), float(p[(p < here) & ~tied].sum() + p[tied].sum() / 2)


def _ordered(table: np.ndarray) -> Iterator[tuple[str, float]]:
    codes = [np.repeat(np.arange(table.shape[1]), row) for row in table]
    yield "Cochran-Armitage trend / Mantel-Haenszel, column scores 1, 2, ...", _trend(codes)
    yield (
        "Kruskal-Wallis (= Mann-Whitney without correction) on ordered columns",
        stats.kruskal([c.astype(float) for c in codes]).p,
    )
    yield (
        "Mann-Whitney on ordered columns, continuity correction",
        stats.mann_whitney(codes[0].astype(float), codes[1].astype(float), exact=False).p,
    )


def _trend(codes: list[np.ndarray]) -> float:
    score = np.concatenate(codes).astype(float)
    arm = np.repeat([1.0, 0.0], [len(c) for c in codes])
    r = np.corrcoef(score, arm)[0, 1]
    return float(chdtrc(1, (len(score) - 1) * r * r))


def _unpaired(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[str, float]]:
    yield "t test, Welch", stats.t_test(x, y).p
    yield "t test, pooled variance", stats.t_test(x, y, equal_variance=True).p
    corrected = stats.mann_whitney(x, y, exact=False).p
    yield "Mann-Whitney, normal approximation with continuity correction", corrected
    yield (
        "Mann-Whitney, normal approximation without correction (Kruskal-Wallis)",
        stats.mann_whitney(x, y, correction=False, exact=False).p,
    )
    df = len(x) + len(y) - 1
    yield "Mann-Whitney, t approximation (SAS NPAR1WAY)", 2 * stdtr(df, -abs(ndtri(corrected / 2)))
    pooled = np.concatenate([x, y])
    if len(np.unique(pooled)) == len(pooled) and len(pooled) < 100:
        yield "Mann-Whitney, exact", stats.mann_whitney(x, y, exact=True).p


def _paired(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[str, float]]:
    yield "paired t test", stats.paired_t(x, y).p
    yield "Wilcoxon signed-rank, continuity correction", stats.signed_rank(x, y, exact=False).p
    yield "Wilcoxon signed-rank, no correction", stats.signed_rank(x, y, correction=False, exact=False).p
    yield "Wilcoxon signed-rank, PROC UNIVARIATE of SAS", stats.signed_rank(x, y, method="univariate").p
    difference = np.abs(x - y)
    if (difference > 0).all() and len(np.unique(difference)) == len(difference) and len(x) < 50:
        yield "Wilcoxon signed-rank, exact", stats.signed_rank(x, y, exact=True).p


def parse_table(text: str) -> np.ndarray:
    """'24,12; 8,28' -> counts by row. Raises EquipoiseError with the rule."""
    try:
        rows = [[int(cell) for cell in row.replace(",", " ").split()] for row in text.split(";") if row.strip()]
        table = np.array(rows, dtype=int)
    except ValueError:
        table = np.empty(0, dtype=int)
    if table.ndim != 2 or min(table.shape) < 2 or (table < 0).any():
        message = 'write counts by row, at least 2 x 2, all rows of one length, as in "24,12; 8,28"'
        raise EquipoiseError(Fault("table", "counts", message))
    return table


def parse_sample(text: str) -> np.ndarray:
    """'1.2, 3.4 5' -> numbers."""
    try:
        sample = np.array([float(v) for v in text.replace(",", " ").split()], dtype=float)
    except ValueError:
        sample = np.empty(0)
    if len(sample) < 2 or not np.isfinite(sample).all():
        raise EquipoiseError(Fault("sample", "numbers", "write at least two numbers separated by commas or blanks"))
    return sample
