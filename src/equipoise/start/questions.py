"""The five questions of a first protocol: arm, reference, time, event, covariates. What cannot be guessed is asked or open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from equipoise.start.columns import Seen
from equipoise.start.copies import Cells
from equipoise.start.endpoints import EndpointGuess, is_event
from equipoise.start.event_values import told
from equipoise.start.given import UNITS, Given
from equipoise.start.guess import Guess, guess_rows
from equipoise.start.times import is_time

ALL = "all patients are one arm"
NONE = "none"
COVARIATES_ASKED = "5 Which of these covariates were not known at the index date, and must go?"
LEAST = 5  # rows of a value that is named in a question


@dataclass(frozen=True, slots=True)
class Question:
    """says: what is asked. answers: answer -> what is known of it. default: taken by an empty answer; several: more than one,
    with commas between."""

    says: str
    answers: dict[str, str]
    default: str = ""
    several: bool = False


Ask = Callable[[Question], list[str]]


@dataclass(frozen=True, slots=True)
class Looked:
    """A file of one row per patient: its name, what is seen of each column, the cells. declared: the endpoints of ADaM."""

    name: str
    seen: dict[str, Seen]
    cells: dict[str, Cells]
    declared: tuple[EndpointGuess, ...] = ()

    def guess(self, given: Given) -> Guess:
        return guess_rows(self.seen, self.cells, given, self.declared)


def open_questions(guess: Guess) -> list[str]:
    """What could not be guessed, each with the candidates and the option that answers it."""
    found = []
    if guess.choice.open:
        listed = ", ".join(arm.listed for arm in guess.choice.others) or "none with two values"
        found.append(
            f"arm: {guess.choice.open}; name it with --arm COLUMN, or all patients with --single-arm. Candidates: {listed}"
        )
    if guess.no_endpoint:
        found.append(f"time and event: {guess.no_endpoint}")
    happened = [(e.event, e.happened) for e in guess.used]
    happened += [
        (d.flag or "", d.happened) for d in (guess.dates,) if d is not None and d.happened is not None and d.death is None
    ]
    for column, event in happened:
        if event.open:
            found.append(f"event: '{column}': {event.open}; name those that are the event with --event-is VALUE")
    return found


def answered(file: Looked, given: Given, ask: Ask) -> Guess:
    """The guess after the five questions. ask: puts one and gives the answers."""
    for question in (_arm, _arms, _reference, _time, _event, _covariates):
        given = question(file, given, file.guess(given), ask)
    return file.guess(given)


def _arm(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    offered = [*([guess.arm] if guess.arm else []), *guess.choice.others]
    if given.arm or given.single or not offered:
        return given
    answers = {arm.column: f"{arm.listed}; {arm.reason}" for arm in offered} | {ALL: "nothing is compared"}
    default = guess.arm.column if guess.arm else "" if guess.choice.open else ALL
    chosen = ask(Question("1 Which column holds the treatment?", answers, default))[0]
    return replace(given, single=True) if chosen == ALL else replace(given, arm=chosen)


def _arms(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    """Which of more than two treatments are compared."""
    if guess.arm is None or len(guess.arm.values) < 3 or given.arms:
        return given
    answers = {v: f"{n} patients" for v, n in zip(guess.arm.values, guess.arm.counts, strict=True)}
    default = ", ".join(str(i + 1) for i in range(len(answers)))
    return replace(given, arms=tuple(ask(Question("1 Which of its values are the arms?", answers, default, several=True))))


def _reference(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    arm = guess.arm
    if arm is None or guess.single or given.reference:
        return given
    answers = {v: f"{n} patients" for v, n in zip(arm.values, arm.counts, strict=True)}
    question = "2 Which treatment is the reference, the denominator of every hazard ratio?"
    return replace(given, reference=ask(Question(question, answers, arm.reference))[0])


def _time(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    if guess.dates is not None:
        return given
    used = guess.endpoints[0] if guess.endpoints else None
    if not given.time and not file.declared:
        times = {c.name: f"up to {c.high:g}" for c in file.seen.values() if is_time(c)}
        times |= {
            c.name: f"up to {c.high:g}" for c in file.seen.values() if c.number and c.low >= 0 and len(c.counts) > 8 and not times
        }
        events = _events(file)
        if not times or not events:
            return given
        time = ask(Question("3 Which column is the time to the event?", times, used.time if used else ""))[0]
        paired = next((e.event for e in guess.endpoints if e.time == time), used.event if used else "")
        given = replace(given, time=time, event=ask(Question("4 Which column says whether it happened?", events, paired))[0])
    guess = file.guess(given)
    if given.unit or not guess.endpoints or "CONFIRM" not in guess.endpoints[0].unit_reason:
        return given
    units = {unit: "" for unit in UNITS}
    return replace(
        given, unit=ask(Question(f"3 In which unit is '{guess.endpoints[0].time}'?", units, guess.endpoints[0].unit))[0]
    )


def _events(file: Looked) -> dict[str, str]:
    events = {c.name: told(c, LEAST) for c in file.seen.values() if is_event(c)}
    return events or {c.name: told(c, LEAST) for c in file.seen.values() if 2 <= len(c.counts) <= 3 and not c.date}


def _event(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    used = [(e.event, e.happened) for e in guess.endpoints[:1]]
    if guess.dates is not None and guess.dates.death is None and guess.dates.flag and guess.dates.happened:
        used = [(guess.dates.flag, guess.dates.happened)]
    if not used or given.happened or file.declared:
        return given
    column = file.seen[used[0][0]]
    answers = {v: f"{column.counts[v]} rows" for v in column.values}
    question = f"4 Which values of '{column.name}' are the event?"
    default = "" if used[0][1].open else ", ".join(used[0][1].event)
    return replace(given, happened=tuple(ask(Question(question, answers, default, several=True))))


def _covariates(file: Looked, given: Given, guess: Guess, ask: Ask) -> Given:
    if given.without or not guess.covariates:
        return given
    answers = {c.column: c.reason for c in guess.covariates} | {NONE: "all of them were known at baseline"}
    chosen = ask(Question(COVARIATES_ASKED, answers, NONE, several=True))
    return replace(given, without=tuple(c for c in chosen if c != NONE))
