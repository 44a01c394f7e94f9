"""The target trial beside its emulation: what the trial would do, and what the study did with its data.

TARGET statement, JAMA 2025, items 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.target_trial import ELEMENTS, Element
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.tables.design import estimand
from equipoise.report.words import words


def target_trial_table(numbers: Numbers) -> Table | None:
    """A row per element of the protocol of the trial; None where the study names none."""
    trial = numbers.protocol.target_trial
    if trial is None:
        return None
    line = TableRow(
        tuple(
            head(said, align="left")
            for said in (words("target_trial.element"), words("target_trial.trial"), words("target_trial.emulation"))
        )
    )
    rows = []
    for element in ELEMENTS:
        emulated = trial.emulation.get(element) or EMULATED[element](numbers)
        rows.append(
            body(
                stub(words(f"target_trial.label.{element}")),
                *(Cell(_sentence(w), align="left") for w in (getattr(trial, element), emulated)),
            )
        )
    title = words("target_trial.title")
    return Table("table_target_trial", title, (line,), tuple(rows), notes=(words("target_trial.note"),), supplement=True)


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _eligibility(numbers: Numbers) -> str:
    steps = numbers.protocol.eligibility.steps
    if not steps:
        return words("target_trial.population", population=numbers.protocol.study.population)
    left = "; ".join(fmt.lower_first(e.reason) for step in steps for e in step.exclude)
    return words("target_trial.eligibility", start=numbers.protocol.eligibility.start, reasons=left)


def _strategies(numbers: Numbers) -> str:
    started = fmt.either([fmt.lower_first(numbers.arm_label(a)) for a in numbers.arms])
    return words("target_trial.arms", arms=started)


def _assignment(numbers: Numbers) -> str:
    if not numbers.protocol.scored:
        return words("target_trial.as_they_are")
    listed = fmt.listed([numbers.covariate_words(v) for v in numbers.protocol.scored])
    return words("target_trial.as_random", covariates=listed)


def _follow_up(numbers: Numbers) -> str:
    label = numbers.protocol.time_zero
    zero = words("target_trial.data_start") if label is None else words("target_trial.the_date", label=fmt.lower_first(label))
    cutoff = numbers.protocol.study.data_cutoff
    if cutoff is None:
        return words("target_trial.follow_up", zero=zero)
    return words("target_trial.follow_up_until", zero=zero, cutoff=fmt.day(cutoff))


def _outcomes(numbers: Numbers) -> str:
    times = [f"{e.label} ({fmt.lower_first(e.event_label)})" for e in numbers.protocol.endpoints.values() if e.role == "main"]
    return "; ".join((*times, *(e.label for e in numbers.protocol.binary_endpoints.values())))


def _contrast(numbers: Numbers) -> str:
    if numbers.single:
        return words("target_trial.no_contrast")
    if not numbers.primary:
        return words("target_trial.unadjusted", contrast=numbers.contrast_label)
    return words("target_trial.adjusted", contrast=numbers.contrast_label, estimand=estimand(numbers, numbers.primary))


def _assumptions(numbers: Numbers) -> str:
    if numbers.single:
        return words("target_trial.censoring")
    return words("target_trial.assumptions_given" if numbers.protocol.scored else "target_trial.assumptions")


def _analysis(numbers: Numbers) -> str:
    if numbers.single:
        return words("target_trial.kaplan_meier")
    if not numbers.primary:
        return words("target_trial.cox")
    variance = numbers.words(numbers.primary).variance
    after = words("target_trial.cox_after", process=numbers.process(numbers.primary))
    return words("numbers.beside", first=after, last=variance) if variance else after


EMULATED: dict[Element, Callable[[Numbers], str]] = {
    "eligibility": _eligibility,
    "strategies": _strategies,
    "assignment": _assignment,
    "follow_up": _follow_up,
    "outcomes": _outcomes,
    "contrast": _contrast,
    "assumptions": _assumptions,
    "analysis": _analysis,
}
