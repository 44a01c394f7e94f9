"""Which column is what, each guess with its reason. Guesses come from names and from what cells hold; no model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from equipoise.start.adam import left_out as left_out_of_adam
from equipoise.start.adam import population
from equipoise.start.arms import ArmGuess, Arms, guess_arms, surgical
from equipoise.start.columns import Seen, plain_number, see
from equipoise.start.copies import Cells, Truth, numbers
from equipoise.start.covariates import BULK, CovariateGuess, covariate, in_bulk, why_not
from equipoise.start.dates import DateGuess, guess_dates
from equipoise.start.endpoints import EndpointGuess, guess_endpoints, is_event, used_by
from equipoise.start.given import Given
from equipoise.start.patient import guess_patient
from equipoise.start.timeless import why_no_endpoint
from equipoise.start.times import worded_time


@dataclass(frozen=True, slots=True)
class Guess:
    """Everything guessed of one spreadsheet. endpoints: the first is used, the others are written as comments; without arms all
    patients are one arm. left_out: column -> reason. no_endpoint: why no time and event was found, '' where one was."""

    patient: str | None
    patient_reason: str
    choice: Arms
    endpoints: tuple[EndpointGuess, ...]
    covariates: tuple[CovariateGuess, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    dates: DateGuess | None = None
    no_endpoint: str = ""
    population: str = ""  # a flag of ADaM by which patients leave

    @property
    def used(self) -> tuple[EndpointGuess, ...]:
        """The first endpoint, and further ones that a standard declares and of which every time is given."""
        return (*self.endpoints[:1], *(e for e in self.endpoints[1:] if e.declared and not e.empty and not e.happened.open))

    @property
    def told_left_out(self) -> list[tuple[str, str]]:
        """The columns that are left out and why; of those in bulk the first and the last stand for all."""
        alike: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            alike.setdefault(why, []).append(name)
        bulk = {why: f"{len(names):,} columns, {names[0]} to {names[-1]}" for why, names in alike.items() if len(names) > BULK}
        return list(dict.fromkeys((bulk.get(why, name), why) for name, why in self.left_out.items()))

    @property
    def arm(self) -> ArmGuess | None:
        return self.choice.chosen

    @property
    def single(self) -> bool:
        return self.arm is None or len(self.arm.values) == 1

    @property
    def timed(self) -> bool:
        return bool(self.endpoints) or self.dates is not None


def guess_rows(seen: dict[str, Seen], cells: dict[str, Cells], given: Given, declared: tuple[EndpointGuess, ...] = ()) -> Guess:
    """The roles of the columns of a file with one row per patient: column -> cells, and what is seen of them. Covariates are
    judged on the rows of the arms. declared: the endpoints of ADaM."""
    patient, reason = guess_patient(seen, given)
    endpoints = list(declared) if declared and not given.time else guess_endpoints(seen, given, patient)
    dates = None if endpoints else guess_dates(seen, cells, given, [c for c in seen.values() if is_event(c)])
    dated = {dates.start, dates.flag, *dates.columns.values()} if dates else set()
    arms = guess_arms(seen, given, {patient, *used_by(endpoints), *dated})
    arm = arms.chosen
    roles = {patient, arm.column if arm else None, *used_by(endpoints), *dated}
    known = {name: _plain(column, seen[name]) for name, column in cells.items()}
    n = len(next(iter(cells.values())))
    kept = [i for i in range(n) if arm is None or known[arm.column][i] in arm.values]
    truth = _truth(known, seen, arm, endpoints, kept)
    models = "Cox models" if arm is None or len(arm.values) == 1 else "propensity score"
    left_out: dict[str, str] = {}
    found: list[tuple[Seen, CovariateGuess]] = []
    for name in seen:
        if name in roles:
            continue
        mine = [known[name][i] for i in kept]
        column = see(name, mine, seen[name].label)
        reason_not = "named with --without" if name in given.without else left_out_of_adam(name, seen) if declared else ""
        if arm is not None and surgical(arm) and column.says("during_surgery"):
            reason_not = reason_not or "measured during the operation, which is what the arms differ in"
        reason_not = reason_not or why_not(column, mine, truth)
        if reason_not:
            left_out[name] = reason_not
        else:
            found.append((column, covariate(column, models)))
    bulk = in_bulk(found)
    left_out |= bulk
    covariates = [guess for _, guess in found if guess.column not in bulk]
    missing = "" if endpoints or dates else why_no_endpoint(seen, [c for c in seen.values() if worded_time(c)])
    flag = population(seen) if declared else ""
    return Guess(patient, reason, arms, tuple(endpoints), tuple(covariates), left_out, dates, missing, flag)


def _plain(cells: Cells, column: Seen) -> Cells:
    return [None if c is None else plain_number(c) for c in cells] if column.number else cells


def _truth(
    cells: dict[str, Cells], seen: dict[str, Seen], arm: ArmGuess | None, found: list[EndpointGuess], kept: list[int]
) -> Truth:
    nobody: Cells = [None] * len(kept)
    arms = nobody if arm is None or len(arm.values) < 2 else [cells[arm.column][i] for i in kept]
    times = []
    for e in found:
        event = [cells[e.event][i] for i in kept]
        if len(seen[e.event].counts) < 2:
            continue
        happened = np.array([np.nan if v is None else float(v in e.happened.event) for v in event])
        times.append((e.event, numbers([cells[e.time][i] for i in kept]), happened))
    return Truth(arms, tuple(times))
