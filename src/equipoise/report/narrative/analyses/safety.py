"""Adverse events: how they were graded, counted and compared."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.tables.safety import flag_label
from equipoise.report.words import words

PHASE = "safety"
GRADES = ("any_grade", "grade_3_4")
NAMED = ("discontinued_for_ae", "grade_5")
CONSEQUENCES = ("led_to_reduction", "led_to_interruption", "led_to_discontinuation")
LABORATORY = ("lab_any_grade", "lab_grade_3_4")


def _graded(numbers: Numbers) -> str:
    asked = numbers.protocol.safety
    assert asked is not None
    if asked.attribution == "related":
        said = words("analyses.safety.graded_related", dictionary=asked.dictionary, related=fmt.either(asked.related))
    else:
        said = words("analyses.safety.graded", dictionary=asked.dictionary)
    tested = numbers.has(PHASE, analysis="any_grade", statistic="p")
    adjusted = numbers.has(PHASE, analysis="any_grade", statistic="p_holm")
    return joined(
        said,
        words("analyses.safety.tested") if tested else "",
        words("analyses.safety.holm") if adjusted else "",
    )


def _laboratory(numbers: Numbers) -> str:
    assert numbers.protocol.safety is not None
    return words("analyses.safety.laboratory", version=str(numbers.protocol.safety.laboratory))


def _rates(numbers: Numbers) -> str:
    compared = numbers.has(PHASE, analysis="rate_per_100_months", statistic="rate_ratio")
    return words("analyses.safety.rates_compared" if compared else "analyses.safety.rates")


def _incidence(numbers: Numbers) -> str:
    compared = numbers.has(PHASE, analysis="cumulative_incidence", statistic="p")
    return words("analyses.safety.incidence_compared" if compared else "analyses.safety.incidence")


def _course(numbers: Numbers) -> str:
    flags = dict.fromkeys(r.variable for r in numbers.where(PHASE, analysis="patients_with", statistic="percent"))
    return words("analyses.safety.course", events="; ".join(_flag(numbers, flag) for flag in flags))


def _flag(numbers: Numbers, flag: str) -> str:
    if flag in NAMED:
        return words(f"analyses.safety.flag.{flag}")
    label = fmt.lower_first(flag_label(numbers, flag))
    return words("analyses.safety.flag.line", line=label) if flag.endswith("_line") else label


def _of(*names: str) -> tuple[str, ...]:
    return tuple(f"{PHASE}.{name}" for name in names)


SAFETY = (
    Told(_of(*GRADES), _graded),
    Told(_of("grade_5"), lambda n: words("analyses.safety.fatal")),
    Told(_of(*CONSEQUENCES), lambda n: words("analyses.safety.consequences")),
    Told(_of(*LABORATORY), _laboratory),
    Told(_of("rate_per_100_months", "exposure"), _rates),
    Told(_of("cumulative_incidence"), _incidence),
    Told(_of("patients_with"), _course),
)
