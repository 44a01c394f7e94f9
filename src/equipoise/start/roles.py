"""The four roles of a study in one spreadsheet: patient, arm, time, event."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from equipoise.errors import DataError, Fault
from equipoise.protocol.death_words import says_dead
from equipoise.start.columns import Seen
from equipoise.start.event_values import is_status, largest_code

PATIENT_WORDS = ("patient", "id", "pid", "subject", "usubjid", "subjid", "case", "pseudonym", "studyid")
ARM_WORDS = (
    "arm", "treatment", "trt", "rx", "therapy", "drug", "regimen", "group", "treated", "treat", "trtp", "trta", "hormon", "horth",
    "intervention", "exposure", "exposed", "allocation", "randomized", "randomised", "chemo", "x", "grp",
)  # fmt: skip
TIME_WORDS = (
    "time",
    "futime",
    "rfstime",
    "survival",
    "followup",
    "duration",
    "ttr",
    "tte",
    "ttp",
    "days",
    "day",
    "months",
    "month",
    "weeks",
    "years",
)
EVENT_WORDS = (
    "event", "status", "fustat", "dead", "death", "died", "censor", "cens", "cnsr", "censored", "vital", "outcome", "relapse",
    "progressed", "progression", "recurrence", "recurred", "arrest", "failure", "observed", "deceased", "delta",
)  # fmt: skip
ENDPOINTS = {
    "os": ("Overall survival", "Death"),
    "pfs": ("Progression-free survival", "Progression or death"),
    "rfs": ("Recurrence-free survival", "Recurrence or death"),
    "dfs": ("Disease-free survival", "Recurrence or death"),
    "efs": ("Event-free survival", "Event"),
    "ttp": ("Time to progression", "Progression"),
    "pfi": ("Progression-free interval", "Progression"),
    "dfi": ("Disease-free interval", "Recurrence"),
    "dss": ("Disease-specific survival", "Death of the disease"),
}
DIED = ("death", "dead", "died", "fustat", "vital", "deceased", "os")
PARTNERS = {
    "os": ("death", "dead", "died", "deceased", "vital", "status"),
    "rfs": ("recurrence", "recurred", "relapse"),
    "dfs": ("recurrence", "recurred", "relapse"),
    "pfs": ("progression", "progressed"),
    "ttp": ("progression", "progressed"),
}
HAPPENED = (
    "dead", "death", "died", "deceased", "event", "yes", "y", "true", "relapse", "relapsed", "recurrence", "recurred",
    "progression", "progressed", "failure", "dod",
)  # fmt: skip
IDENTIFYING_WORDS = (
    "name", "surname", "firstname", "lastname", "initials", "mrn", "ssn", "nhs", "phone", "mobile", "address", "street", "zip",
    "postcode", "postal", "email", "birth", "birthdate", "dob", "birthday", "hospitalnumber", "passport", "insurance",
    "chart", "rrn",
)  # fmt: skip
LATER_WORDS = (
    "response", "bor", "orr", "progression", "progressed", "relapse", "recurrence", "death", "died", "dead", "deceased", "status",
    "event", "last", "followup", "fu", "subsequent", "postop", "toxicity", "adverse", "ae", "discontinuation",
    "discontinued", "stop",
    "end", "outcome", "survival", "pfs", "os", "dfs", "rfs", "pfi", "dfi", "dss", "censor", "cens", "alive", "thirdline",
)  # fmt: skip
CONTROL_WORDS = (
    "control",
    "placebo",
    "standard",
    "soc",
    "no",
    "none",
    "untreated",
    "observation",
    "usual",
    "0",
    "false",
    "pbo",
    "old",
)
SEX_WORDS = ("sex", "gender", "male", "female")
DAYS_FROM = 120.0


@dataclass(frozen=True, slots=True)
class Given:
    """What the user named on the command line; None: to be guessed. single: all patients are one arm."""

    patient: str | None = None
    arm: str | None = None
    time: str | None = None
    event: str | None = None
    single: bool = False

    def faults(self, file: str, seen: dict[str, Seen]) -> list[Fault]:
        found = []
        for option in ("patient", "arm", "time", "event"):
            name = getattr(self, option)
            if name is not None and name not in seen:
                near = difflib.get_close_matches(name, seen, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(seen)}"
                found.append(Fault(f"--{option}", "missing column", f"{file} has no column '{name}'; {hint}"))
        if self.single and self.arm is not None:
            found.append(Fault("--single-arm", "arm", "all patients are the arm: leave out --arm, or --single-arm"))
        if (self.time is None) != (self.event is None):
            found.append(Fault("--time", "endpoint", "give --time and --event together, or neither"))
        return found


@dataclass(frozen=True, slots=True)
class ArmGuess:
    """values: the two arms as they stand in the column, or the only one; others: patients with another value or none.
    reference, focal: '' where there is one."""

    column: str
    values: tuple[str, ...]
    reference: str
    focal: str
    others: int
    reason: str


@dataclass(frozen=True, slots=True)
class EndpointGuess:
    """happened: value of the event column that is an event. doubt: what must be confirmed."""

    name: str
    label: str
    event_label: str
    time: str
    unit: str
    event: str
    happened: str
    reason: str
    unit_reason: str
    event_reason: str
    empty: int


def identifying(column: Seen) -> bool:
    """Names, numbers and dates that point at a person."""
    joined = "".join(column.words)
    return column.has_word(*IDENTIFYING_WORDS) or joined in (
        "hospitalnumber",
        "dateofbirth",
        "birthdate",
        "firstname",
        "lastname",
    )


def known_later(column: Seen) -> bool:
    return column.has_word(*LATER_WORDS)


def used_by(endpoints: list[EndpointGuess]) -> set[str]:
    """Columns of any endpoint found, used or not: none of them was known at baseline."""
    return {name for e in endpoints for name in (e.time, e.event)}


def guess_patient(file: str, seen: dict[str, Seen], given: Given) -> tuple[str | None, str]:
    """The column whose values name the patients, and why; None: the rows are counted."""
    if given.patient:
        return given.patient, "named with --patient"
    named = [c for c in seen.values() if c.has_word(*PATIENT_WORDS) and not identifying(c) and not c.date]
    for column in named:
        if column.empty == 0 and len(column.counts) == column.n:
            return column.name, "its name says so, and no value stands twice"
    repeated = [
        c for c in named if c.empty == 0 and len(c.counts) < c.n and c.words[-1] in ("id", "pid", "patient", "subject", "usubjid")
    ]
    if repeated and len(repeated[0].counts) > 0.05 * repeated[0].n and len(repeated[0].counts) > 10:
        column = repeated[0]
        message = (
            f"{column.n} rows hold {len(column.counts)} different values of '{column.name}': several rows per patient. Bring one "
            "row per patient, or a folder with one file per table (`equipoise codebook` lists them)"
        )
        raise DataError(Fault(file, "several rows per patient", message))
    return None, "no column names the patients without repeating, so each row is one patient"


def guess_endpoints(seen: dict[str, Seen], given: Given, patient: str | None) -> list[EndpointGuess]:
    """Pairs of a time and an event column that share a word of their names; else the likeliest of each."""
    if given.time and given.event:
        return [_endpoint(seen[given.time], seen[given.event], "named with --time and --event")]
    free = [c for c in seen.values() if c.name not in (patient, given.arm) and not identifying(c)]
    times = sorted((c for c in free if _is_time(c)), key=_time_rank)
    events = sorted((c for c in free if c not in times and _is_event(c)), key=lambda c: not c.has_word(*EVENT_WORDS))
    pairs = []
    for time in times:
        shared = [e for e in events if set(e.words) & set(time.words) - set(TIME_WORDS) - set(EVENT_WORDS)]
        shared += [e for e in events if _stem(time) and (_stem(e) == _stem(time) or e.has_word(*PARTNERS.get(_stem(time), ())))]
        if shared:
            pairs.append(_endpoint(time, shared[0], "their names belong together"))
    if not pairs and times and events:
        pairs = [_endpoint(times[0], events[0], "the likeliest names of a time and an event")]
    return sorted(pairs, key=lambda e: e.name != "os")


def _time_rank(column: Seen) -> int:
    """A name that says time before one that says only a unit."""
    return min((TIME_WORDS.index(w) for w in column.words if w in TIME_WORDS), default=0 if _stem(column) else len(TIME_WORDS))


def _stem(column: Seen) -> str:
    """The endpoint a name begins with: 'os' of OStime."""
    joined = "".join(column.words)
    return next((e for e in ENDPOINTS if joined.startswith(e)), "")


def _is_time(column: Seen) -> bool:
    joined = "".join(column.words)
    named = column.has_word(*TIME_WORDS) or column.has_word(*ENDPOINTS) or joined.endswith(("time", "days", "months"))
    return named and column.number and column.low >= 0 and len(column.counts) > max(8, 0.1 * column.filled)


def _is_event(column: Seen) -> bool:
    joined = "".join(column.words)
    named = column.has_word(*EVENT_WORDS) or joined.endswith(("event", "status", "stat", "cens")) or column.has_word(*ENDPOINTS)
    return named and is_status(column)


def _endpoint(time: Seen, event: Seen, reason: str) -> EndpointGuess:
    name = _stem(time) or _stem(event) or ("os" if event.has_word(*DIED) else "endpoint")
    label, event_label = ENDPOINTS.get(name, ("Event-free survival", "Event"))
    unit, unit_reason = _unit(time)
    happened, event_reason = _happened(event)
    return EndpointGuess(
        name, label, event_label, time.name, unit, event.name, happened, reason, unit_reason, event_reason, time.empty
    )


def _unit(time: Seen) -> tuple[str, str]:
    words = " ".join(time.words)
    for unit, marks in {
        "days": ("day",),
        "weeks": ("week", "wk"),
        "months": ("month", "mo ", "mos"),
        "years": ("year", "yr"),
    }.items():
        if any(m in f"{words} " for m in marks):
            return unit, "its name says so"
    if time.high > DAYS_FROM:
        return "days", f"the longest time is above {DAYS_FROM:g}"
    return "months", f"the longest time is at most {DAYS_FROM:g}; weeks and years are as possible"


def _happened(event: Seen) -> tuple[str, str]:
    values = event.values
    small = {v.lower(): v for v in values}
    if event.has_word("cnsr", "censored", "alive") and event.number:
        return values[0], "a column of this name usually holds 1 for the censored; CONFIRM"
    for word in HAPPENED:
        if word in small:
            return small[word], "the word says so"
    deaths = [v for v in values if says_dead(v)]
    if deaths and len(deaths) < len(values):
        return deaths[0], "the word says so"
    if event.number:
        doubt = "; a column called 'cens' may mean the opposite; CONFIRM" if event.has_word("cens", "censor") else ""
        return largest_code(event), f"the largest code{doubt}"
    return values[-1], "the second word by the alphabet; CONFIRM"


def guess_arms(seen: dict[str, Seen], given: Given, patient: str | None, endpoints: list[EndpointGuess]) -> list[ArmGuess]:
    """Columns that may be the treatment, the likeliest first; one with a single value is a single arm. A person's sex is no
    guess."""
    if given.single:
        return []
    if given.arm:
        return [_arm(seen[given.arm], "named with --arm")] if seen[given.arm].counts else []
    taken = {patient, *used_by(endpoints)}
    free = [c for c in seen.values() if c.name not in taken and not identifying(c) and not c.date]
    named = [c for c in free if _named_arm(c) and 2 <= len(c.counts) <= 6]
    only = [c for c in free if _named_arm(c) and len(c.counts) == 1 and not known_later(c)]
    if not named and only:
        return [_arm(only[0], "its name says so, and it holds one treatment")]
    two = [c for c in free if len(c.counts) == 2 and c not in named and not known_later(c) and not c.has_word(*SEX_WORDS)]
    named.sort(key=lambda c: len(c.counts) != 2)
    found = [_arm(c, "its name says so") for c in named]
    return found + [_arm(c, "two values, but the name is not that of a treatment; CONFIRM") for c in two]


def _named_arm(column: Seen) -> bool:
    joined = "".join(column.words)
    return column.has_word(*ARM_WORDS) or joined in ARM_WORDS


def _arm(column: Seen, reason: str) -> ArmGuess:
    common = [v for v, _ in sorted(column.counts.items(), key=lambda item: (-item[1], item[0]))[:2]]
    if len(common) == 1:
        return ArmGuess(column.name, (common[0],), "", "", column.empty, reason)
    values = [v for v in column.values if v in common]
    control = [v for v in values if v.lower() in CONTROL_WORDS]
    reference = control[0] if control else common[0]
    others = column.n - sum(column.counts[v] for v in values)
    return ArmGuess(column.name, (values[0], values[1]), reference, common[1], others, reason)
