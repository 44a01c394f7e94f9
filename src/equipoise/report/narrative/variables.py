"""What was measured and how, in the words of the Methods: windows before the index date, endpoints, response, safety."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.event_codes import EventCodes
from equipoise.protocol.measures import Endpoint, Window
from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.windows import WINDOWS, used_windows


def windows(numbers: Numbers) -> str:
    """The windows of what the study uses."""
    protocol = numbers.protocol
    used = used_windows(protocol)
    if not used:
        return ""
    parts = [f"{WINDOWS[name]} {_window(getattr(protocol.windows, name))}" for name in used]
    return (
        "Baseline is the latest record on or before the index date within its window, in days relative to it: "
        + "; ".join(parts)
        + ". Day 0 counts."
    )


def _window(window: Window) -> str:
    first, last = (fmt.number(d) for d in window.days)
    early = f" (to {fmt.number(window.flagged_from)}, listed)" if window.flagged_from is not None else ""
    return f"{first} to {last}{early}"


def outcomes(numbers: Numbers) -> list[str]:
    """Endpoints, response, adverse events, conduct and exposure, each where the study has it."""
    protocol = numbers.protocol
    said = [_start(numbers)]
    said += [_endpoint(numbers, e) for e in protocol.main_endpoints.values()]
    exploratory = [_endpoint(numbers, e) for e in protocol.exploratory_endpoints.values()]
    said += ["Exploratory outcomes:", *exploratory] if exploratory else []
    return [*said, *_response(numbers), *_safety(numbers), *_conduct(numbers)]


def _start(numbers: Numbers) -> str:
    if not any(e.events for e in numbers.protocol.endpoints.values()):
        return ""
    index = numbers.protocol.index
    since = f"the {fmt.lower_first(index.label)}" if index else "the index date"
    return f"Times to an event run from {since}."


def _endpoint(numbers: Numbers, endpoint: Endpoint) -> str:
    name = f"{endpoint.label} ({endpoint.short})"
    if endpoint.time is not None and endpoint.codes is not None:
        where = f"the column {endpoint.time.column}, in {endpoint.time.unit}"
        return f"{name} is recorded in the data: {where}. {_codes(endpoint.codes)}"
    if endpoint.time is not None:
        return (
            f"{name} is recorded in the data: the column {endpoint.time.column}, in {endpoint.time.unit}, and "
            f"the event {endpoint.event}."
        )
    events = fmt.listed([numbers.source_label(s) for s in endpoint.events]).replace(" and ", " or ")
    first = ", whichever comes first" if len(endpoint.events) > 1 else ""
    censoring = ", or else ".join(_article(numbers.source_label(s)) for s in endpoint.censoring)
    competing = fmt.listed([numbers.source_label(s) for s in endpoint.competing])
    beside = (
        f"; {competing} {'compete' if len(endpoint.competing) > 1 else 'competes'} with it and counts as censored at its time"
    )
    said = f"{name} ends with {events}{first}, and is censored at {censoring}{beside if competing else ''}."
    return " ".join([said, *_readings(numbers.protocol, endpoint)])


def _codes(codes: EventCodes) -> str:
    """The values of the column by what they count as."""
    said = f"In the column {codes.column} the event is {fmt.listed(codes.is_)}"
    if codes.competing:
        verb = "are competing events" if len(codes.competing) > 1 else "is a competing event"
        said += f"; {fmt.listed(codes.competing)} {verb} and treated as censored at its time"
    censored = fmt.listed(codes.censored)
    return f"{said}; {censored} {'are' if len(codes.censored) > 1 else 'is'} censored." if censored else f"{said}."


def _article(label: str) -> str:
    return f"the {label}" if label.startswith("last ") else label


def _readings(protocol: Protocol, endpoint: Endpoint) -> Iterator[str]:
    """How progression is read, where the endpoint counts it."""
    progression = [s for s in endpoint.events if s in endpoint.progression]
    if not progression:
        return
    if endpoint.clinical == "ignored":
        yield "Clinical progression does not count."
    day = protocol.progression_from_day(endpoint)
    if day > 1:
        yield f"Progression before day {day} belongs to the line before and is no event."
    if endpoint.profile == "fda2007":
        yield "Events after new therapy or after two missed scans are censored at the last adequate scan before (FDA 2007)."
    elif endpoint.role == "main":
        yield "Events were counted regardless of subsequent therapy or missed assessments."


def _response(numbers: Numbers) -> list[str]:
    response = numbers.protocol.response
    if response is None:
        return []
    how = "as readers recorded it" if response.source == "recorded" else "derived from measured lesions"
    confirmed = "with" if response.confirmation else "without"
    everyone = "all patients" if numbers.single else "all patients of an arm"
    kind = "Clopper-Pearson" if response.intervals == "clopper-pearson" else "Wilson"
    said = [
        f"Best overall response by {fmt.listed(list(response.criteria))} was {how}, {confirmed} confirmation (a second response "
        f"at least {response.confirmation_days} days later); stable disease needs {response.sd_minimum_days} days.",
        f"Rates have {kind} {numbers.protocol.level_words} confidence intervals and {everyone} in the denominator.",
        "Duration of response runs from the first scan that shows it to progression by the same criterion or death, and is "
        "censored at the last scan that could be evaluated; it is estimated by Kaplan-Meier among responders"
        f"{'' if numbers.single else ' and not compared between arms'}.",
    ]
    said += _benchmark(numbers)
    if len(response.criteria) > 1:
        said.append("Agreement of the criteria is Cohen's kappa.")
    return said


def _benchmark(numbers: Numbers) -> list[str]:
    response = numbers.protocol.response
    if response is None or response.benchmark is None:
        return []
    asked = response.benchmark
    rate = {"orr": "objective response", "dcr": "disease control"}[asked.rate]
    side = "one-sided" if asked.alternative == "greater" else "two-sided"
    alpha = numbers.protocol.conventions.alpha
    return [
        f"The {rate} rate by {response.criteria[0]} is held against a benchmark of {fmt.short(100 * asked.null)}% "
        f"({asked.source}) by the exact binomial test, {side}, at {fmt.p_limit(alpha)}."
    ]


def _safety(numbers: Numbers) -> list[str]:
    safety = numbers.protocol.safety
    if safety is None:
        return []
    said = [f"Adverse events were graded by {safety.dictionary}, each patient once per term at the worst grade"]
    if safety.attribution == "related":
        said.append(f"; those rated {fmt.listed(safety.related).replace(' and ', ' or ')} count as treatment-related")
    laboratory = (
        [f"Laboratory values were graded by CTCAE v{safety.laboratory} apart; they carry no attribution."]
        if safety.laboratory and numbers.has(phase="safety", analysis="lab_any_grade")
        else []
    )
    return [f"{''.join(said)}.", *laboratory]


def _conduct(numbers: Numbers) -> list[str]:
    said = []
    if numbers.has("conduct", analysis="completeness"):
        said.append("Completeness of follow-up is Clark's index: days followed in percent of the days possible.")
    if numbers.has("exposure", analysis="time_on_treatment"):
        said.append(
            "Time on treatment was estimated by Kaplan-Meier; treatment that went on, and that of patients lost to "
            "follow-up, is censored."
        )
    if numbers.has("exposure", analysis="relative_dose_intensity"):
        said.append(
            "Relative dose intensity is the dose given in percent of the protocol's dose on every day from the first to the "
            "last dose, interruptions included."
        )
    return said
