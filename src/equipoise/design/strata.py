"""Sets made of everybody alike: coarsened exact matching, and strata by quantiles of the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from equipoise.design.matched_sets import MatchedSets, class_weights, numbered

STURGES, QUANTILES = "sturges", "q"


def cut_points(values: np.ndarray, rule: str | int | Sequence[float]) -> np.ndarray:
    """Inner limits of the bins of one covariate, rising; a value on a limit belongs to the bin above it (MatchIt 4.7.2).

    rule: "sturges" (ceil(log2 n) + 1 bins of equal width from the least to the largest value), a number of bins of equal width,
    "q" and a number of bins at quantiles (R's type 7), or the limits themselves. Raises ValueError for anything else.
    """
    values = np.asarray(values, dtype=float)
    if not isinstance(rule, str | int):
        return np.unique(np.asarray(rule, dtype=float))
    if isinstance(rule, str) and rule.startswith(QUANTILES) and rule[1:].isdigit() and int(rule[1:]) > 1:
        bins = int(rule[1:])
        return np.unique(_quantiles(values, 1 / bins + np.arange(bins - 1) * (1 / bins)))
    if rule == STURGES:
        rule = int(np.ceil(np.log2(len(values)) + 1))
    if isinstance(rule, str | bool) or rule < 1:
        raise ValueError("bins are given by 'sturges', by 'q' and their number, by their number, or by their limits")
    return np.linspace(values.min(), values.max(), rule + 1)[1:-1]


def coarsened_exact(
    columns: Mapping[str, np.ndarray],
    focal: np.ndarray,
    bins: Mapping[str, str | int | Sequence[float]],
    target: str = "focal",
) -> MatchedSets:
    """Everybody in a cell of the coarsened covariates that holds both arms; the others have set 0.

    columns: covariates of shape (n,), numbers or codes, none missing. bins: a rule for each covariate to be coarsened (see
    `cut_points`); the others are matched exactly. target: whom the weights represent (see `class_weights`). No links.
    Raises ValueError where a value is missing or a rule names no covariate.
    """
    focal = np.asarray(focal, dtype=bool)
    unknown = sorted(set(bins) - set(columns))
    if unknown:
        raise ValueError(f"no covariate of the match is called {', '.join(unknown)}")
    cell = np.zeros(len(focal), dtype=int)
    for name, values in columns.items():
        values = np.asarray(values)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"{name} is missing or infinite")
        binned = np.searchsorted(cut_points(values, bins[name]), values, side="right") if name in bins else values
        code = np.unique(binned, return_inverse=True)[1].reshape(-1)
        cell = np.unique(cell * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1].reshape(-1)
    both = np.bincount(cell[focal], minlength=len(focal) + 1) * np.bincount(cell[~focal], minlength=len(focal) + 1) > 0
    return _sets(numbered(np.where(both[cell], cell + 1, 0)), focal, target, "coarsened exact matching")


def score_strata(
    score: np.ndarray,
    focal: np.ndarray,
    classes: int = 5,
    target: str = "focal",
    fill: bool = True,
    rank: np.ndarray | None = None,
) -> MatchedSets:
    """Classes by quantiles of the score, numbered by rising score (MatchIt 4.7.2, subclassification).

    score: float, shape (n,), finite. The limits are quantiles (R's type 7) of the arm that the weights represent: target focal,
    other, or all (everybody); a score on a limit belongs to the class above it. fill: a class that lacks an arm takes patients of
    that arm from the classes beside it, until every class has one of each; without, its patients have set 0. rank: a permutation
    of 0..n-1 that decides between equal scores there, the position where it is None.
    Raises ValueError for a score that is missing, fewer than two classes, an arm smaller than the classes.
    """
    focal, score = np.asarray(focal, dtype=bool), np.asarray(score, dtype=float)
    label = classes_of(score, focal, classes, target)
    n_classes = int(label.max()) + 1
    if fill:
        turn = np.arange(len(focal)) if rank is None else np.argsort(rank)
        for arm in (turn[focal[turn]], turn[~focal[turn]]):
            label[arm] = _filled(label[arm], score[arm], n_classes)
    else:
        both = np.intersect1d(label[focal], label[~focal])
        label = np.where(np.isin(label, both), np.searchsorted(both, label), -1)
    made = f"{classes} classes" if n_classes == classes else f"{n_classes} classes ({classes} asked for, tied limits)"
    return _sets(label + 1, focal, target, f"{made} by quantiles of the score")


def classes_of(score: np.ndarray, focal: np.ndarray, classes: int, target: str) -> np.ndarray:
    """The class of each patient by the limits alone, from 0, those that hold nobody left out. Arguments and errors as for
    `score_strata`."""
    if not np.isfinite(score).all():
        raise ValueError("a score is missing or infinite")
    if classes < 2:
        raise ValueError("there are two classes or more")
    among = {"focal": focal, "other": ~focal, "all": np.ones(len(focal), dtype=bool)}[target]
    limits = _quantiles(score[among], np.arange(1, classes) * (1 / classes))
    return np.unique(np.searchsorted(limits, score, side="right"), return_inverse=True)[1].reshape(-1)


def _quantiles(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Type 7 to the last bit of R's quantile(), which allows for no rounding of the position: a patient may stand on a limit."""
    x = np.sort(values)
    position = 1 + (len(x) - 1) * share
    below, above = x[np.floor(position).astype(int) - 1], x[np.ceil(position).astype(int) - 1]
    part = position - np.floor(position)
    return np.where(above == below, below, (1 - part) * below + part * above)


def _filled(label: np.ndarray, score: np.ndarray, classes: int) -> np.ndarray:
    """Classes of one arm so that none is empty. The lowest empty class takes the patient nearest to it (of equal ones the last)
    from the next class that has any: above, unless more can be spared below, each class's surplus over one patient counted by
    its inverse distance. That class may be empty then and is filled in its turn."""
    if len(label) < classes:
        raise ValueError("an arm has fewer patients than there are classes")
    label, number = label.copy(), np.arange(classes)
    while True:
        count = np.bincount(label, minlength=classes)
        empty = np.flatnonzero(count == 0)
        if not len(empty):
            return label
        here = int(empty[0])
        others = number[number != here]
        spare = np.maximum(count[others] - 1, 0) / (others - here)
        above = here == 0 or (here < classes - 1 and spare.sum() > 0)
        giver = (number[here + 1 :][count[here + 1 :] > 0])[0] if above else (number[:here][count[:here] > 0])[-1]
        mine = np.flatnonzero(label == giver)[::-1]
        label[mine[np.argmin(score[mine]) if above else np.argmax(score[mine])]] = here


def _sets(set_id: np.ndarray, focal: np.ndarray, target: str, method: str) -> MatchedSets:
    none, inside = np.zeros(0, dtype=int), set_id > 0
    n_focal, n_other = int((inside & focal).sum()), int((inside & ~focal).sum())
    return MatchedSets(set_id, class_weights(set_id, focal, target), none, none, none, np.zeros(0), n_focal, n_other, method)
