"""How response was read and its rates were compared."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.words import words

PHASE = "response"
INTERVALS = {"clopper-pearson": "Clopper-Pearson", "wilson": "Wilson"}


def _best(numbers: Numbers) -> str:
    asked = numbers.protocol.response
    assert asked is not None
    confirmed = words("analyses.response.with" if asked.confirmation else "analyses.response.without")
    how = "recorded" if asked.source == "recorded" else "derived"
    said = words(
        f"analyses.response.{how}",
        criteria=fmt.listed(list(asked.criteria)),
        confirmed=confirmed,
        days=str(asked.confirmation_days),
        stable=str(asked.sd_minimum_days),
    )
    everyone = words("analyses.response.everyone" if numbers.single else "analyses.response.everyone_of_arm")
    level = numbers.protocol.level_words
    rates = words("analyses.response.rates", interval=INTERVALS[asked.intervals], level=level, everyone=everyone)
    tested = numbers.has(PHASE, statistic="p", variable="", analysis="orr")
    return joined(said, rates, words("analyses.response.compared") if tested else "", _benchmark(numbers))


def _benchmark(numbers: Numbers) -> str:
    response = numbers.protocol.response
    if response is None or response.benchmark is None:
        return ""
    asked = response.benchmark
    return words(
        "analyses.response.benchmark",
        rate=words(f"analyses.response.rate.{asked.rate}"),
        criterion=response.criteria[0],
        percent=fmt.short(100 * asked.null),
        source=asked.source,
        side=words(f"analyses.response.side.{asked.alternative}"),
        alpha=fmt.p_limit(numbers.protocol.conventions.alpha),
    )


def _duration(numbers: Numbers) -> str:
    return words("analyses.response.duration" if numbers.single else "analyses.response.duration_uncompared")


RATES = ("best_response", "orr", "dcr")
RESPONSE = (
    Told(tuple(f"{PHASE}.{name}" for name in RATES), _best),
    Told(
        tuple(f"{PHASE}.{name}_{which}" for name in RATES for which in ("confirmed", "unconfirmed")),
        lambda n: words("analyses.response.both"),
    ),
    Told((f"{PHASE}.time_to_response",), lambda n: words("analyses.response.time")),
    Told((f"{PHASE}.duration_of_response",), _duration),
    Told((f"{PHASE}.deepest_change",), lambda n: words("analyses.response.change")),
    Told((f"{PHASE}.agreement",), lambda n: words("analyses.response.agreement")),
    Told((f"{PHASE}.recorded",), lambda n: words("analyses.response.agreement_recorded")),
)
