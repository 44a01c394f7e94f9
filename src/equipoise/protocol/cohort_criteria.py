"""The criteria of a cohort definition of ATLAS: which records of which table, with which tests, how often around an event."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.cohort_definition import Counted, Criterion, Demographic, Edge, Group, Test, Window
from equipoise.protocol.cohort_json import DO, Node, day, number, whole

DAY, WHOLE, NUMBER, CONCEPTS = "day", "whole", "number", "concepts"
READ = {DAY: day, WHOLE: whole, NUMBER: number}
# key of the file -> (what is tested, how it is written)
PERSON = {"Age": ("age", WHOLE), "Gender": ("gender", CONCEPTS)}
DATES = {"OccurrenceStartDate": ("start", DAY), "OccurrenceEndDate": ("end", DAY)}
EVENT = {**PERSON, **DATES, "VisitType": ("visit_kind", CONCEPTS)}
VALUE = {"ValueAsNumber": ("value", NUMBER), "ValueAsConcept": ("value_concept", CONCEPTS), "Unit": ("unit", CONCEPTS)}
RANGES = {
    "RangeLow": ("range_low", NUMBER), "RangeHigh": ("range_high", NUMBER),
    "RangeLowRatio": ("range_low_ratio", NUMBER), "RangeHighRatio": ("range_high_ratio", NUMBER),
}  # fmt: skip
ERA = {
    "EraStartDate": ("start", DAY), "EraEndDate": ("end", DAY), "EraLength": ("length", WHOLE),
    "OccurrenceCount": ("occurrences", WHOLE), "AgeAtStart": ("age", WHOLE), "AgeAtEnd": ("age_at_end", WHOLE),
    "Gender": ("gender", CONCEPTS),
}  # fmt: skip
SUPPLY = {"DaysSupply": ("days_supply", WHOLE), "Quantity": ("quantity", NUMBER), "Refills": ("refills", WHOLE)}
PERIOD = {
    "PeriodStartDate": ("start", DAY), "PeriodEndDate": ("end", DAY), "PeriodLength": ("length", WHOLE),
    "AgeAtStart": ("age", WHOLE), "AgeAtEnd": ("age_at_end", WHOLE),
}  # fmt: skip
# criterion -> (table, key of the source concepts, tests)
DOMAINS: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "ConditionOccurrence": (
        "condition_occurrence", "ConditionSourceConcept",
        {**EVENT, "ConditionType": ("type", CONCEPTS), "ConditionStatus": ("status", CONCEPTS)},
    ),
    "ConditionEra": ("condition_era", "", ERA),
    "DrugExposure": ("drug_exposure", "DrugSourceConcept", {**EVENT, **SUPPLY, "DrugType": ("type", CONCEPTS)}),
    "DrugEra": ("drug_era", "", {**ERA, "GapDays": ("gap_days", WHOLE)}),
    "ProcedureOccurrence": (
        "procedure_occurrence", "ProcedureSourceConcept",
        {**EVENT, "ProcedureType": ("type", CONCEPTS), "Quantity": ("quantity", WHOLE)},
    ),
    "Measurement": (
        "measurement", "MeasurementSourceConcept",
        {**EVENT, **VALUE, **RANGES, "MeasurementType": ("type", CONCEPTS), "Operator": ("operator", CONCEPTS)},
    ),
    "Observation": ("observation", "ObservationSourceConcept", {**EVENT, **VALUE, "ObservationType": ("type", CONCEPTS)}),
    "DeviceExposure": (
        "device_exposure", "DeviceSourceConcept",
        {**EVENT, "DeviceType": ("type", CONCEPTS), "Quantity": ("quantity", WHOLE)},
    ),
    "VisitOccurrence": (
        "visit_occurrence", "VisitSourceConcept",
        {**PERSON, **DATES, "VisitType": ("type", CONCEPTS), "VisitLength": ("length", WHOLE)},
    ),
    "Death": (
        "death", "DeathSourceConcept", {**PERSON, "OccurrenceStartDate": ("start", DAY), "DeathType": ("type", CONCEPTS)}
    ),
    "ObservationPeriod": ("observation_period", "", PERIOD),
}  # fmt: skip
DEMOGRAPHIC = {
    **PERSON, **DATES, "Race": ("race", CONCEPTS), "Ethnicity": ("ethnicity", CONCEPTS),
}  # fmt: skip
COUNTS = {0: "=", 1: "<=", 2: ">="}
DISTINCT = {"DOMAIN_CONCEPT": "concept", "START_DATE": "start_date", "VISIT_ID": "visit"}
DEEPEST = 20  # groups within groups


def criteria(node: Node, key: str) -> tuple[Criterion, ...]:
    """Criteria in a list, each a mapping of its one kind."""
    return tuple(found for one in node.nodes(key) if (found := criterion(one)) is not None)


def criterion(node: Node, depth: int = 0) -> Criterion | None:
    """Records of a table; None, with a fault, where the table is not read."""
    kinds = [key for key, value in node.left.values() if value is not None]
    known = {name.lower(): name for name in DOMAINS}
    if len(kinds) != 1 or kinds[0].lower() not in known:
        what = f"'{kinds[0]}'" if len(kinds) == 1 else "what is not one kind of records"
        node.refuse("", f"criteria of {what} are not read, only those of {', '.join(DOMAINS)}; {DO}")
        return None
    name = known[kinds[0].lower()]
    table, source_key, tests = DOMAINS[name]
    given = node.node(kinds[0])
    assert given is not None
    codeset = given.whole_or_none("CodesetId")
    source = given.whole_or_none(source_key) if source_key else None
    first = given.flag("First")
    found = tuple(_tests(given, tests))
    nested = given.node("CorrelatedCriteria")
    around = group(nested, depth + 1) if nested is not None else None
    given.end(f"criteria of {name}")
    return Criterion(table, codeset, source, first, found, around if around is not None and around.members else None)


def _tests(node: Node, known: dict[str, tuple[str, str]]) -> Iterator[Test]:
    for key, (what, kind) in known.items():
        if kind != CONCEPTS:
            span = node.span(key, READ[kind])
            if span is not None:
                yield Test(what, *span)
            continue
        without = node.flag(f"{key}Exclude") if what == "type" else False
        concepts = node.concepts(key)
        if concepts:
            yield Test(what, "!in" if without else "in", concepts)
        selected = node.node(f"{key}CS")
        if selected is not None and selected.has("CodesetId"):
            number_of = selected.whole("CodesetId")
            yield Test(what, "!set" if selected.flag("IsExclusion") else "set", (number_of,))
            selected.end("a concept set")


def group(node: Node, depth: int = 0) -> Group:
    """Criteria that hold together."""
    kind = node.word("Type", ("ALL", "ANY", "AT_LEAST", "AT_MOST"), "ALL")
    count = node.whole_or_none("Count")
    members: list[Counted | Demographic | Group] = []
    if depth > DEEPEST:
        node.refuse("", f"groups lie in each other more than {DEEPEST} deep; {DO}")
        node.left.clear()
    for one in node.nodes("CriteriaList"):
        found = _counted(one, depth)
        members += [found] if found is not None else []
    for one in node.nodes("DemographicCriteriaList"):
        members.append(Demographic(tuple(_tests(one, DEMOGRAPHIC))))
        one.end("demographic criteria")
    members += [group(one, depth + 1) for one in node.nodes("Groups")]
    node.end("a group of criteria")
    if kind in ("AT_LEAST", "AT_MOST") and count is None:
        node.wrong("Count", "is not there")
    op, n = {"ALL": ("=", len(members)), "ANY": (">=", 1)}.get(kind, (">=" if kind == "AT_LEAST" else "<=", count or 0))
    return Group(op, n, tuple(members))


def _counted(node: Node, depth: int) -> Counted | None:
    inner = node.node("Criteria")
    if inner is None:
        node.wrong("Criteria", "is not there")
        node.left.clear()
        return None
    found = criterion(inner, depth)
    windows = [_window(node, key) for key in ("StartWindow", "EndWindow")]
    op, count, distinct = _occurrence(node.node("Occurrence"))
    everywhere, same_visit = node.flag("IgnoreObservationPeriod"), node.flag("RestrictVisit")
    node.end("criteria around an event")
    if found is None:
        return None
    return Counted(found, tuple(w for w in windows if w is not None), op, count, distinct, everywhere, same_visit)


def _occurrence(node: Node | None) -> tuple[str, int, str]:
    if node is None:
        return ">=", 1, ""
    kind, count = node.whole("Type", 2), node.whole("Count", 1)
    if kind not in COUNTS:
        node.refuse("Type", f"this is none of 0 (exactly), 1 (at most) and 2 (at least); {DO}")
    distinct = ""
    if node.flag("IsDistinct"):
        distinct = DISTINCT[node.word("CountColumn", tuple(DISTINCT), "DOMAIN_CONCEPT")]
    node.take("CountColumn")
    node.end("an occurrence")
    return COUNTS.get(kind, ">="), count, distinct


def _window(node: Node, key: str) -> Window | None:
    """Of the end window, whether it looks at the end of the record is true where nothing is said, as ATLAS has it."""
    given = node.node(key)
    if given is None:
        return None
    index_end = given.flag("UseIndexEnd")
    event_end = given.flag("UseEventEnd") if given.has("UseEventEnd") else key == "EndWindow"
    given.take("UseEventEnd")
    first, last = _edge(given, "Start"), _edge(given, "End")
    given.end("a window")
    return Window(first, last, index_end, event_end)


def _edge(node: Node, key: str) -> Edge:
    given = node.node(key)
    if given is None:
        node.wrong(key, "is not there")
        return Edge(None, key == "Start")
    sign = given.whole("Coeff", -1 if key == "Start" else 1)
    days = given.whole_or_none("Days")
    if given.has("TimeUnitValue") or given.has("TimeUnit"):
        given.word("TimeUnit", ("day",), "day")
        unit = given.whole_or_none("TimeUnitValue")
        days = unit if days is None else days
    given.end("a window")
    return Edge(None if days is None else days * sign, sign < 0)
