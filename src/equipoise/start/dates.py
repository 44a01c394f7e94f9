"""A spreadsheet that holds dates alone: start, death, last contact, progression. Times come from them as day numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from equipoise.protocol.death_words import says_dead
from equipoise.start.columns import Seen
from equipoise.start.event_values import largest_code
from equipoise.start.roles import DIED, Given, identifying

START_WORDS = (
    "start", "index", "treatment", "therapy", "dose", "first", "begin", "baseline", "randomisation", "randomization",
    "randomized", "enrolment", "enrollment", "inclusion", "surgery", "operation", "resection", "diagnosis", "dx",
)  # fmt: skip
DEATH_WORDS = ("death", "dead", "died", "deceased", "dod", "expired", "exitus")
LAST_WORDS = ("last", "contact", "followup", "fu", "seen", "alive", "censor", "censored", "lfu", "visit")
PROGRESSION_WORDS = ("progression", "progressed", "progress", "pd", "relapse", "recurrence", "recurred")
DAY = {"death": "death_day", "last": "last_contact_day", "progression": "progression_day"}


@dataclass(frozen=True, slots=True)
class DateGuess:
    """Columns of dates by what they date; death and progression may be missing. flag: a column that says who died, where no date
    does. why: column -> reason. order: how dates without the year in front are written."""

    start: str
    last: str
    death: str | None
    progression: str | None
    flag: str | None
    happened: str
    order: str
    order_reason: str
    why: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Name of the day number -> column of the date."""
        dated = {"death": self.death, "last": self.last, "progression": self.progression}
        return {DAY[role]: column for role, column in dated.items() if column is not None}

    @property
    def endpoints(self) -> tuple[str, ...]:
        return ("os", "pfs") if self.progression else ("os",)


def guess_dates(seen: dict[str, Seen], cells: dict[str, list[str | None]], given: Given, flags: list[Seen]) -> DateGuess | None:
    """The dates of a study, or None where start, last contact or who died cannot be told. flags: columns of events."""
    free = [c for c in seen.values() if c.date and not identifying(c) and c.name not in (given.patient, given.arm)]
    found: dict[str, Seen] = {}
    words = {"death": DEATH_WORDS, "progression": PROGRESSION_WORDS, "last": LAST_WORDS, "start": START_WORDS}
    for role, names in words.items():
        named = [c for c in free if c not in found.values() and _named(c, names)]
        if named:
            found[role] = sorted(named, key=lambda c: (c.empty if role in ("last", "start") else 0, free.index(c)))[0]
    died = next((c for c in flags if c.has_word(*DIED)), None)
    if "start" not in found or "last" not in found or ("death" not in found and died is None):
        return None
    order, reason = order_of([cells[c.name] for c in found.values()])
    why = {c.name: f"a date; its name says {_ROLE[role]}" for role, c in found.items()}
    flag, happened = None, ""
    if "death" not in found and died is not None:
        flag, happened = died.name, _happened(died)
        why[flag] = f"who died; the death is dated by the last contact, as no column dates it; '{happened}' means died: CONFIRM"
    name = {role: c.name for role, c in found.items()}
    return DateGuess(
        name["start"], name["last"], name.get("death"), name.get("progression"), flag, happened, order, reason, why
    )  # fmt: skip


_ROLE = {
    "death": "death: filled means died",
    "last": "the last contact: those without an event are censored there",
    "start": "the start: day 0",
    "progression": "progression: filled means progressed",
}


def _named(column: Seen, words: tuple[str, ...]) -> bool:
    joined = "".join(column.words)
    return column.has_word(*words) or any(len(w) > 3 and w in joined for w in words)


def _happened(flag: Seen) -> str:
    known = ("1", "dead", "died", "yes", "deceased", "true", "y")
    small = {v.lower(): v for v in flag.values}
    deaths = [v for v in flag.values if says_dead(v)]
    return next((small[w] for w in known if w in small), deaths[0] if deaths else largest_code(flag))


def order_of(columns: list[list[str | None]]) -> tuple[str, str]:
    """ymd, dmy or mdy, from the numbers that can be no month."""
    parts = [re.split(r"[-./]", c.split(" ")[0]) for cells in columns for c in cells if c is not None]
    plain = [p for p in parts if len(p) == 3 and len(p[0]) < 4]
    if not plain:
        return "ymd", "every date has the year in front"
    if any(int(p[0]) > 12 for p in plain):
        return "dmy", "some first numbers are above 12, so the day stands first"
    if any(int(p[1]) > 12 for p in plain):
        return "mdy", "some second numbers are above 12, so the month stands first"
    return "dmy", "no number decides whether the day or the month stands first; CONFIRM"
