"""What every kind of matching gives: who is with whom, weights, counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class MatchedSets:
    """set_id: int, shape (n,), 1.. numbered by the first position in each set, 0 = in no set; all 0 where a patient may serve
    several times (reused). weight: float, shape (n,), 0 = unmatched; each arm's weights sum to its number of matched patients.
    focal_of, partner_of: positions of the two ends of each link, in order of the focal patient, then of `choice` (1 = first
    chosen); empty where sets have no links (strata). distance: of each link. method: in words. tied_choices: links for which
    several patients were equally near; tied_scores: focal patients who share their score with another."""

    set_id: np.ndarray
    weight: np.ndarray
    focal_of: np.ndarray
    partner_of: np.ndarray
    choice: np.ndarray
    distance: np.ndarray
    n_focal: int
    n_other: int
    method: str
    reused: bool = False
    tied_choices: int = 0
    tied_scores: int = 0

    @property
    def n_links(self) -> int:
        return len(self.focal_of)

    @property
    def total_distance(self) -> float:
        return float(self.distance.sum())


def numbered(label: np.ndarray) -> np.ndarray:
    """Set numbers 1.. in order of the first position of each set. label: int, shape (n,), 0 = in no set."""
    label = np.asarray(label)
    values, first, code = np.unique(label, return_index=True, return_inverse=True)
    number = np.zeros(len(values), dtype=int)
    real = np.flatnonzero(values != 0)
    number[real[np.argsort(first[real])]] = np.arange(1, len(real) + 1)
    return number[code.reshape(-1)]


def class_weights(set_id: np.ndarray, focal: np.ndarray, target: str) -> np.ndarray:
    """Weights of patients in sets of any composition, constant within arm and set, as MatchIt 4.7.2 gives them.

    target: focal (patients like the focal arm: focal 1, others n_focal/n_other of their set), other (the reverse), all (set size
    over the number of the own arm in the set). Then each arm is scaled so that its weights sum to its matched patients.
    """
    n_sets = int(set_id.max(initial=0))
    n_focal = np.bincount(set_id[focal], minlength=n_sets + 1).astype(float)
    n_other = np.bincount(set_id[~focal], minlength=n_sets + 1).astype(float)
    wanted = {"focal": n_focal, "other": n_other, "all": n_focal + n_other}[target]
    weight = np.zeros(len(set_id))
    for arm, own in ((focal, n_focal), (~focal, n_other)):
        mine = arm & (set_id > 0)
        raw = wanted[set_id[mine]] / own[set_id[mine]]
        weight[mine] = raw * (mine.sum() / raw.sum()) if mine.any() else raw
    return weight


def from_links(
    focal: np.ndarray,
    links: np.ndarray,
    distance: np.ndarray,
    method: str,
    reused: bool = False,
    tied_choices: int = 0,
    tied_scores: int = 0,
) -> MatchedSets:
    """Sets of one focal patient with its partners. links: int, shape (m, 3): focal, choice,
    partner, sorted. Weights: 1 for a focal patient; 1/k
    for each of its k partners, summed where a partner serves several times, then scaled to sum to the number of partners."""
    i, choice, j = links.T
    partners = np.bincount(i, minlength=len(focal))
    share = 1 / partners[i]
    weight = np.bincount(j, weights=share, minlength=len(focal)).astype(float)
    n_other = int((weight > 0).sum())
    if n_other:
        weight *= n_other / weight.sum()
    set_id = np.zeros(len(focal), dtype=int)
    used = np.flatnonzero(partners)
    if not reused:
        set_id[used] = np.arange(1, len(used) + 1)
        set_id[j] = set_id[i]
    weight[used] = 1
    return MatchedSets(set_id, weight, i, j, choice, distance, len(used), n_other, method, reused, tied_choices, tied_scores)


def spread(match: MatchedSets, known: np.ndarray, n: int) -> MatchedSets:
    """The match of the patients at positions `known`, rising, among n."""
    set_id, weight = np.zeros(n, dtype=int), np.zeros(n)
    set_id[known], weight[known] = match.set_id, match.weight
    return replace(match, set_id=set_id, weight=weight, focal_of=known[match.focal_of], partner_of=known[match.partner_of])
