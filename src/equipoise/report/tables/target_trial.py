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

LABELS = dict(
    zip(
        ELEMENTS,
        (
            "Eligibility criteria", "Treatment strategies", "Assignment", "Follow-up", "Outcomes", "Causal contrast",
            "Identifying assumptions", "Analysis plan",
        ),
        strict=True,
    )
)  # fmt: skip
NOTE = "Specification: in the words of the protocol. Emulation: as done in this study."


def target_trial_table(numbers: Numbers) -> Table | None:
    """A row per element of the protocol of the trial; None where the study names none."""
    trial = numbers.protocol.target_trial
    if trial is None:
        return None
    line = TableRow(tuple(head(said, align="left") for said in ("Element", "Target trial", "Emulation")))
    rows = []
    for element in ELEMENTS:
        emulated = trial.emulation.get(element) or EMULATED[element](numbers)
        rows.append(body(stub(LABELS[element]), *(Cell(_sentence(w), align="left") for w in (getattr(trial, element), emulated))))
    title = "Specification and emulation of the target trial"
    return Table("table_target_trial", title, (line,), tuple(rows), notes=(NOTE,), supplement=True)


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _eligibility(numbers: Numbers) -> str:
    steps = numbers.protocol.eligibility.steps
    if not steps:
        return f"{numbers.protocol.study.population}, as held in the data"
    left = "; ".join(fmt.lower_first(e.reason) for step in steps for e in step.exclude)
    return f"{numbers.protocol.eligibility.start}. Excluded: {left}"


def _strategies(numbers: Numbers) -> str:
    started = fmt.either([fmt.lower_first(numbers.arm_label(a)) for a in numbers.arms])
    return f"{started}, as recorded at the start of treatment"


def _assignment(numbers: Numbers) -> str:
    if not numbers.protocol.scored:
        return "Treatment was chosen in routine care; the arms are compared as they are"
    listed = fmt.listed([numbers.covariate_words(v) for v in numbers.protocol.scored])
    return f"Treatment was chosen in routine care; assignment is taken as random given {listed}"


def _follow_up(numbers: Numbers) -> str:
    index, rows = numbers.protocol.index, numbers.protocol.data.rows is not None
    zero = "the start that the data define" if rows or index is None else f"the {fmt.lower_first(index.label)}"
    cutoff = numbers.protocol.study.data_cutoff
    end = f", at the latest until the data cut-off on {fmt.day(cutoff)}" if cutoff is not None else ""
    return f"From {zero} to the event or censoring{end}"


def _outcomes(numbers: Numbers) -> str:
    times = [f"{e.label} ({fmt.lower_first(e.event_label)})" for e in numbers.protocol.endpoints.values() if e.role == "main"]
    return "; ".join((*times, *(e.label for e in numbers.protocol.binary_endpoints.values())))


def _contrast(numbers: Numbers) -> str:
    if numbers.single:
        return "None: one arm"
    if not numbers.primary:
        return f"Hazard ratio, {numbers.contrast_label}, in the patients as they are"
    return f"Hazard ratio, {numbers.contrast_label}. {estimand(numbers, numbers.primary)}"


def _assumptions(numbers: Numbers) -> str:
    if numbers.single:
        return "Censoring is independent of the outcome"
    given = " given the covariates of the propensity score" if numbers.protocol.scored else ", with no adjustment by design"
    return f"No unmeasured confounding{given}, overlap of the arms, consistency, and censoring independent of the outcome"


def _analysis(numbers: Numbers) -> str:
    if numbers.single:
        return "Kaplan-Meier estimates"
    if not numbers.primary:
        return "Cox model of the unadjusted comparison"
    variance = numbers.words(numbers.primary).variance
    return f"Cox model after {numbers.process(numbers.primary)}{f', {variance}' if variance else ''}"


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
