"""The key results: a handful of sentences, each one from the sections below it."""

from __future__ import annotations

from equipoise.document.model import Block, Bullets, Run
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import response
from equipoise.report.narrative import results as said
from equipoise.report.narrative.balance import balance
from equipoise.report.narrative.effects import effects, other_designs
from equipoise.report.narrative.other_scales import restricted_mean

PROCESS = {"weighted": ("Weighting", "weighting"), "stratified": ("Stratification", "stratification")}


def key_results(numbers: Numbers) -> list[Block]:
    items = [("Patients", _join(said.selection(numbers), *said.designs(numbers)[:1]))]
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for design in reversed(numbers.leading):
            words = _join(said.medians(numbers, endpoint, design), effects(numbers, endpoint, design))
            where = "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
            items.append((f"{info.label}{where}", words))
        items.append((f"{info.label}, restricted mean{_where(numbers)}", _restricted_mean(numbers, endpoint)))
        items.append((f"{info.label}, other designs", other_designs(numbers, endpoint)))
        items += [(f"{info.label}, {part.contrast_label}", _in_pair(part, endpoint)) for part in numbers.comparisons.values()]
        adjusted = _conditional(numbers, endpoint)
        items.append((f"{info.label}, multivariable model", adjusted or _prognostic(numbers, endpoint)))
    for design in numbers.leading[-1:]:
        where = "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
        items.append((f"Response{where}", _join(*response.rates(numbers, design)[:2])))
    if numbers.unmade:
        what, planned = PROCESS.get(numbers.planned_kind, ("Matching", "match"))
        items.append((what, f"The planned {planned} was not possible: {numbers.unmade}."))
    items.append(("Balance", _join(*balance(numbers)[:1])))
    return [Bullets(tuple((Run(f"{label}. ", bold=True), Run(words)) for label, words in items if words))]


def _in_pair(part: Numbers, endpoint: str) -> str:
    """What the primary design of a comparison of several arms says; nothing where it has no design."""
    if not part.primary:
        return ""
    words = effects(part, endpoint, part.primary)
    return f"In the {fmt.lower_first(part.design_label(part.primary))}: {words[:1].lower()}{words[1:]}"


def _where(numbers: Numbers) -> str:
    """The cohort that the study is decided by, where there are several."""
    return f", {fmt.lower_first(numbers.design_label(numbers.primary))}" if numbers.primary else ""


def _restricted_mean(numbers: Numbers, endpoint: str) -> str:
    return "" if numbers.single or numbers.several else restricted_mean(numbers, endpoint, numbers.primary or "unadjusted")


def _conditional(numbers: Numbers, endpoint: str) -> str:
    rows = numbers.where(phase="survival", analysis="cox_multivariable", endpoint=endpoint, variable="treatment", statistic="hr")
    return _join(*(said.effect(numbers, endpoint, row, "conditional") for row in rows))


def _prognostic(numbers: Numbers, endpoint: str) -> str:
    """What the model of a single arm says; of two arms the treatment speaks."""
    return said.predictors(numbers, endpoint) if numbers.single else ""


def _join(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)
