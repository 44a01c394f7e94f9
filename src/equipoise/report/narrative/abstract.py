"""The key results: a handful of sentences, each one from the sections below it."""

from __future__ import annotations

from equipoise.document.model import Block, Bullets, Run
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import response
from equipoise.report.narrative import results as said
from equipoise.report.narrative.balance import balance
from equipoise.report.narrative.effects import effects, other_designs
from equipoise.report.narrative.flow import designs, included
from equipoise.report.narrative.other_scales import restricted_mean
from equipoise.report.narrative.predictors import predictors
from equipoise.report.narrative.survival import medians
from equipoise.report.words import words

PROCESS = {"weighted": "weighting", "stratified": "stratification"}  # of the primary design by its kind; any other is a match


def key_results(numbers: Numbers) -> list[Block]:
    items = [(words("key_results.patients"), _join(included(numbers), *designs(numbers)[:1]))]
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for design in reversed(numbers.leading):
            told = _join(medians(numbers, endpoint, design), effects(numbers, endpoint, design))
            items.append((f"{info.label}{_of_cohort(numbers, design)}", told))
        part = {"label": info.label}
        means = words("key_results.restricted_mean", where=_of_cohort(numbers, numbers.primary), **part)
        items.append((means, _restricted_mean(numbers, endpoint)))
        items.append((words("key_results.other_designs", **part), other_designs(numbers, endpoint)))
        items += [(f"{info.label}, {part.contrast_label}", _in_pair(part, endpoint)) for part in numbers.comparisons.values()]
        adjusted = _conditional(numbers, endpoint)
        items.append((words("key_results.multivariable", **part), adjusted or _prognostic(numbers, endpoint)))
    for design in numbers.leading[-1:]:
        title = words("key_results.response", where=_of_cohort(numbers, design))
        items.append((title, _join(*response.rates(numbers, design)[:2])))
    if numbers.unmade:
        kind = PROCESS.get(numbers.planned_kind, "matching")
        items.append((words(f"key_results.{kind}"), words(f"key_results.no_{kind}", why=numbers.unmade)))
    items.append((words("key_results.balance"), _join(*balance(numbers)[:1])))
    return [Bullets(tuple((Run(f"{label}. ", bold=True), Run(told)) for label, told in items if told))]


def _in_pair(part: Numbers, endpoint: str) -> str:
    """What the primary design of a comparison of several arms says; nothing where it has no design."""
    if not part.primary:
        return ""
    told = effects(part, endpoint, part.primary)
    cohort = fmt.lower_first(part.design_label(part.primary))
    return words("key_results.in_pair", cohort=cohort, said=f"{told[:1].lower()}{told[1:]}")


def _of_cohort(numbers: Numbers, design: str) -> str:
    """The cohort that a line speaks of, where there are several."""
    return "" if numbers.single or not design else f", {fmt.lower_first(numbers.design_label(design))}"


def _restricted_mean(numbers: Numbers, endpoint: str) -> str:
    return "" if numbers.single or numbers.several else restricted_mean(numbers, endpoint, numbers.primary or "unadjusted")


def _conditional(numbers: Numbers, endpoint: str) -> str:
    rows = numbers.where(phase="survival", analysis="cox_multivariable", endpoint=endpoint, variable="treatment", statistic="hr")
    return _join(*(said.effect(numbers, endpoint, row, "conditional") for row in rows))


def _prognostic(numbers: Numbers, endpoint: str) -> str:
    """What the model of a single arm says; of two arms the treatment speaks."""
    return predictors(numbers, endpoint) if numbers.single else ""


def _join(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)
