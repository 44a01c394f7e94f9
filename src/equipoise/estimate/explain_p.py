"""Which test made this P: every usual test, correction and tail of a table or of two samples, and which of them prints as
the given P does."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr

from equipoise import stats
from equipoise.errors import EquipoiseError, Fault

Attempt = tuple[str, Callable[[], Any]]  # the name of a test, and its computation
LEFT_OUT = "left out"
_MOST_RANKED = 1_000_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test of the data, its P (or statistic), and how it prints: 'rounded', 'truncated' or '' where it does not match,
    'left out' where the data give it none (value nan; `method` says why)."""

    method: str
    value: float
    match: str

    def __str__(self) -> str:
        if self.match == LEFT_OUT:
            return f"left out: {self.method}"
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


def _judged(found: Iterable[Attempt], printed: str) -> list[Candidate]:
    judged = [_candidate(attempt, printed) for attempt in found]
    rank = {"rounded": 0, "truncated": 1, "": 2, LEFT_OUT: 3}
    return sorted(judged, key=lambda c: rank[c.match])


def _candidate(attempt: Attempt, printed: str) -> Candidate:
    """The test tried: its P, or the reason why it has none."""
    name, test = attempt
    reason = "these counts or values give it no number"
    try:
        with np.errstate(all="ignore"):
            found = test()
    except (stats.ArrayError, ZeroDivisionError) as error:
        found, reason = float("nan"), str(error) if isinstance(error, stats.ArrayError) else reason
    if not isinstance(found, float | int | np.floating):
        name = f"{name} (Monte Carlo: {found.method.split('Monte Carlo with ')[1]})" if "Monte Carlo" in found.method else name
        found = found.p
    if not np.isfinite(found):
        return Candidate(f"{name}: {reason}", float("nan"), LEFT_OUT)
    return Candidate(name, float(found), prints_as(float(found), printed))


def _general(table: np.ndarray) -> Iterator[Attempt]:
    yield "Pearson chi-square, no continuity correction", lambda: stats.pearson(table)
    yield "Pearson chi-square: the statistic, not its P", lambda: stats.pearson(table).statistic
    yield "likelihood-ratio chi-square", lambda: stats.likelihood_ratio(table)
    yield "Fisher exact, two-sided", lambda: stats.fisher(table)
    n = table.sum()
    if table.shape == (2, 2):
        yield "chi-square with n-1 (Mantel-Haenszel)", lambda: chdtrc(1, stats.pearson(table).statistic * (n - 1) / n)


def _two_by_two(table: np.ndarray) -> Iterator[Attempt]:
    (a, b), (c, d) = table.astype(float)
    n1, n0 = a + b, c + d
    with np.errstate(all="ignore"):
        p1, p0 = a / n1, c / n0
        unpooled = np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    yield "Pearson chi-square, Yates' continuity correction", lambda: stats.pearson(table, correction=True)
    yield "Pearson chi-square, Yates: the statistic, not its P", lambda: stats.pearson(table, correction=True).statistic
    yield "Pearson chi-square, one-sided", lambda: stats.pearson(table).p / 2
    yield "Fisher exact, one-sided (less)", lambda: _fisher_tails(table)[0]
    yield "Fisher exact, one-sided (greater)", lambda: _fisher_tails(table)[1]
    yield "Fisher exact, doubled smaller tail", lambda: min(1.0, 2 * min(_fisher_tails(table)[:2]))
    yield "Fisher exact, mid-P", lambda: _fisher_tails(table)[2]
    if unpooled > 0:
        yield "difference of proportions, unpooled z", lambda: _two_sided(p1 - p0, unpooled)
    if min(a, b, c, d) > 0:
        odds = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        yield "Wald test of the log odds ratio (logistic regression)", lambda: _two_sided(np.log(a * d / (b * c)), odds)
        risk = np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n0)
        yield "Wald test of the log risk ratio", lambda: _two_sided(np.log(p1 / p0), risk)
    if b + c > 0:
        said = f"the table as pairs, discordant {int(b)} and {int(c)}"
        yield f"McNemar, no correction ({said})", lambda: stats.mcnemar(int(b), int(c))
        yield f"McNemar, continuity correction ({said})", lambda: stats.mcnemar(int(b), int(c), correction=True)
        yield f"McNemar, exact ({said})", lambda: stats.mcnemar(int(b), int(c), exact=True)


def _two_sided(away: float, error: float) -> float:
    return float(2 * ndtr(-abs(away / error)))


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


def _ordered(table: np.ndarray) -> Iterator[Attempt]:
    def ranked(test: Callable[[list[np.ndarray]], Any]) -> Callable[[], Any]:
        def run() -> Any:
            if table.sum() > _MOST_RANKED:
                raise stats.ArrayError(f"more than {_MOST_RANKED:,} counts are not ranked one by one")
            return test([np.repeat(np.arange(table.shape[1]), row).astype(float) for row in table])

        return run

    yield "Cochran-Armitage trend / Mantel-Haenszel, column scores 1, 2, ...", lambda: stats.linear_by_linear(table)
    yield "Kruskal-Wallis (= Mann-Whitney without correction) on ordered columns", ranked(stats.kruskal)
    yield "Mann-Whitney on ordered columns, continuity correction", ranked(lambda x: stats.mann_whitney(*x, exact=False))


def _unpaired(x: np.ndarray, y: np.ndarray) -> Iterator[Attempt]:
    yield "t test, Welch", lambda: stats.t_test(x, y)
    yield "t test, pooled variance", lambda: stats.t_test(x, y, equal_variance=True)
    yield "Mann-Whitney, normal approximation with continuity correction", lambda: stats.mann_whitney(x, y, exact=False)
    yield (
        "Mann-Whitney, normal approximation without correction (Kruskal-Wallis)",
        lambda: stats.mann_whitney(x, y, correction=False, exact=False),
    )
    yield (
        "Mann-Whitney, t approximation (SAS NPAR1WAY)",
        lambda: stats.mann_whitney(x, y, exact=False, t_approximation=True),
    )
    pooled = np.concatenate([x, y])
    if len(np.unique(pooled)) == len(pooled) and len(pooled) < 100:
        yield "Mann-Whitney, exact", lambda: stats.mann_whitney(x, y, exact=True)


def _paired(x: np.ndarray, y: np.ndarray) -> Iterator[Attempt]:
    yield "paired t test", lambda: stats.paired_t(x, y)
    yield "Wilcoxon signed-rank, continuity correction", lambda: stats.signed_rank(x, y, exact=False)
    yield "Wilcoxon signed-rank, no correction", lambda: stats.signed_rank(x, y, correction=False, exact=False)
    yield "Wilcoxon signed-rank, PROC UNIVARIATE of SAS", lambda: stats.signed_rank(x, y, method="univariate")
    difference = np.abs(x - y)
    if (difference > 0).all() and len(np.unique(difference)) == len(difference) and len(x) < 50:
        yield "Wilcoxon signed-rank, exact", lambda: stats.signed_rank(x, y, exact=True)


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
