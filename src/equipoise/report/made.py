"""Words that were made before the report (a method, a reason, the name of a design) in the language of the report.

The results keep what the other phases wrote, in English, as their stable text; a page prints `spoken` of it. The texts are those
of `words/LANGUAGE/made.toml`, whose names are the English words with their open parts in braces. A method is looked up whole,
then by its clauses (parted by semicolons), then by what commas part; what no name fits is data, such as a label, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from equipoise.protocol.spec import Protocol
from equipoise.records import Study
from equipoise.records.cohort import Cohort
from equipoise.records.design import Design, Designs
from equipoise.report.words import Texts, placeholders, texts, words

TOPIC = "made."
PARTED = ("; ", ", ")
OF_DESIGNS = ("adjective", "cohort", "heading", "hazard_ratio", "variance", "estimand")


@dataclass(frozen=True, slots=True)
class _Known:
    """plain: the names without an open part. open_: of the others a pattern and the name, those with the most letters of their
    own first. said: what was asked before, and the answer."""

    texts: Texts
    plain: frozenset[str]
    open_: tuple[tuple[re.Pattern[str], str], ...]
    said: dict[str, str]


_KNOWN: ContextVar[_Known | None] = ContextVar("known", default=None)


def spoken(text: str) -> str:
    """The words in the language of the report."""
    known = _known()
    if text not in known.said:
        known.said[text] = _spoken(text, known)
    return known.said[text]


def _spoken(text: str, known: _Known) -> str:
    found = _fitting(text, known)
    if found is not None:
        return found
    for sign in PARTED:
        parts = _parted(text, sign)
        if len(parts) > 1:
            return sign.join(map(spoken, parts))
    return text


def _fitting(text: str, known: _Known) -> str | None:
    """The text whose name fits, as written or with its first letter small or large."""
    for form, first in ((text, ""), (text[:1].lower() + text[1:], "upper"), (text[:1].upper() + text[1:], "lower")):
        if form in known.plain:
            return _first(words(f"{TOPIC}{form}"), first)
        for pattern, key in known.open_:
            match = pattern.fullmatch(form)
            if match:
                parts = {name: spoken(part) for name, part in match.groupdict().items()}
                return _first(words(f"{TOPIC}{key}", **parts), first)
    return None


def _first(text: str, case: str) -> str:
    if not case:
        return text
    return (text[:1].upper() if case == "upper" else text[:1].lower()) + text[1:]


def _known() -> _Known:
    """Of the texts of the block that this is called in; they are looked through once."""
    now, known = texts(), _KNOWN.get()
    if known is None or known.texts is not now:
        names = [key.removeprefix(TOPIC) for key in now if key.startswith(TOPIC)]
        plain = frozenset(name for name in names if not placeholders(name))
        open_ = sorted((name for name in names if name not in plain), key=lambda n: -len(re.sub(r"\{\w+\}", "", n)))
        known = _Known(now, plain, tuple((_pattern(name), name) for name in open_), {"": ""})
        _KNOWN.set(known)
    return known


def _pattern(name: str) -> re.Pattern[str]:
    """A part whose name begins with n is a number."""
    parts = re.split(r"\{(\w+)\}", name)
    return re.compile("".join(_open(part) if i % 2 else re.escape(part) for i, part in enumerate(parts)))


def _open(name: str) -> str:
    return f"(?P<{name}>{'[0-9][0-9,.]*' if name.startswith('n') else '.+?'})"


def _parted(text: str, sign: str) -> list[str]:
    """The parts between signs that no bracket holds."""
    made, depth, at = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(sign, i):
            made.append(text[at:i])
            at = i + len(sign)
    return [*made, text[at:]]


def in_language(study: Study) -> Study:
    """The study with the names of its designs, of its flow and of what its protocol was not asked to name, and with its remarks,
    in the language of the report. Its results stay as they are."""
    return replace(
        study,
        protocol=_protocol(study.protocol),
        cohort=_cohort(study.cohort),
        designs=_designs(study.designs),
        covariates=replace(study.covariates, remarks=type(study.covariates.remarks)(map(spoken, study.covariates.remarks))),
    )


def _protocol(protocol: Protocol) -> Protocol:
    steps = [
        step.model_copy(update={"label": spoken(step.label), "exclude": [_renamed(e, "reason") for e in step.exclude]})
        for step in protocol.eligibility.steps
    ]
    update: dict[str, Any] = {
        "eligibility": protocol.eligibility.model_copy(update={"start": spoken(protocol.eligibility.start), "steps": steps}),
        "endpoints": {name: _renamed(e, "label") for name, e in protocol.endpoints.items()},
        "covariates": {
            name: c.model_copy(update={"levels": {key: spoken(label) for key, label in c.levels.items()}}) if c.levels else c
            for name, c in protocol.covariates.items()
        },
    }
    return protocol.model_copy(update=update)


def _renamed(given: Any, name: str) -> Any:
    return given.model_copy(update={name: spoken(getattr(given, name))})


def _cohort(cohort: Cohort) -> Cohort:
    steps = tuple(
        replace(step, label=spoken(step.label), excluded=tuple(replace(e, reason=spoken(e.reason)) for e in step.excluded))
        for step in cohort.attrition
    )
    return replace(cohort, attrition=type(cohort.attrition)(steps), remarks=type(cohort.remarks)(map(spoken, cohort.remarks)))


def _designs(made: Designs) -> Designs:
    return replace(
        made,
        cohort=_cohort(made.cohort),
        designs=tuple(map(_design, made.designs)),
        unmade=_values(made.unmade),
        restricted={name: _designs(among) for name, among in made.restricted.items()},
    )


def _design(design: Design) -> Design:
    given = design.words
    told = {name: spoken(getattr(given, name)) for name in OF_DESIGNS}
    sample = replace(design.sample, words=replace(given, **told))
    return replace(design, label=spoken(design.label), sample=sample, remarks=tuple(map(spoken, design.remarks)))


def _values(given: Mapping[str, str]) -> dict[str, str]:
    return {name: spoken(text) for name, text in given.items()}
