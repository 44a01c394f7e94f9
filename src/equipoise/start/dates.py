"""A spreadsheet that holds dates alone: start, death, last contact, progression. Times come from them as day numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from equipoise.start.columns import Seen, plain_number
from equipoise.start.event_values import EventGuess, guess_event
from equipoise.start.given import Given
from equipoise.start.patient import identifying
from equipoise.start.times import of_some

DAY = {"death": "death_day", "last": "last_contact_day", "progression": "progression_day"}


@dataclass(frozen=True, slots=True)
class DateGuess:
    """Columns of dates by what they date; death and progression may be missing. Without a start they are numbers of days already.
    flag: a column that says who died; undated: those who died by it without a date of death. why: column -> reason. order: how
    dates without the year in front are written."""

    start: str | None
    last: str
    death: str | None
    progression: str | None
    flag: str | None
    happened: EventGuess | None
    order: str
    order_reason: str
    why: dict[str, str] = field(default_factory=dict)
    undated: int = 0

    @property
    def columns(self) -> dict[str, str]:
        """Name of the day number -> column of the date."""
        dated = {"death": self.death, "last": self.last, "progression": self.progression}
        return {DAY[role] if self.start else column: column for role, column in dated.items() if column is not None}

    @property
    def endpoints(self) -> tuple[str, ...]:
        return ("os", "pfs") if self.progression else ("os",)


def guess_dates(seen: dict[str, Seen], cells: dict[str, list[str | None]], given: Given, flags: list[Seen]) -> DateGuess | None:
    """The dates of a study, or None where start, last contact or who died cannot be told. flags: columns of events."""
    free = [c for c in seen.values() if c.date and not identifying(c) and c.name not in (given.patient, given.arm)]
    free += [c for c in seen.values() if of_some(c)]
    found: dict[str, Seen] = {}
    words = {"death": "death", "progression": "relapse_date", "last": "last", "start": "start"}
    for role, what in words.items():
        named = [c for c in free if c not in found.values() and c.says(what)]
        if named:
            found[role] = sorted(named, key=lambda c: (c.empty if role in ("last", "start") else 0, free.index(c)))[0]
    died = next((c for c in flags if c.says("died") or c.says("state")), None)
    counted = any(of_some(c) for c in found.values())
    if counted:
        found = {role: c for role, c in found.items() if of_some(c)}
    if ("start" not in found and not counted) or "last" not in found or ("death" not in found and died is None):
        return None
    order, reason = ("", "") if counted else order_of([cells[c.name] for c in found.values()])
    what = "days from the start" if counted else "a date"
    why = {c.name: f"{what}; its name says {_ROLE[role]}" for role, c in found.items()}
    happened = guess_event(died, "os", given.happened_in(died)) if died is not None else None
    undated = 0
    if died is not None and happened is not None:
        if "death" not in found:
            what = " or ".join(f"'{v}'" for v in happened.event)
            why[died.name] = (
                f"who died; the death is dated by the last contact, as no column dates it; {what} means died: CONFIRM"
            )
        else:
            pairs = zip(cells[died.name], cells[found["death"].name], strict=True)
            undated = sum(_plain(died, state) in happened.event and date is None for state, date in pairs)
            said = f"; {undated} of them without a date of death are left out: CONFIRM" if undated else ""
            why[died.name] = f"who died; the date of death says when{said}"
    name = {role: c.name for role, c in found.items()}
    flag = died.name if died else None
    return DateGuess(
        name.get("start"), name["last"], name.get("death"), name.get("progression"), flag, happened, order, reason, why, undated
    )  # fmt: skip


def _plain(column: Seen, cell: str | None) -> str | None:
    return plain_number(cell) if column.number and cell is not None else cell


_ROLE = {
    "death": "death: filled means died",
    "last": "the last contact: those without an event are censored there",
    "start": "the start: day 0",
    "progression": "progression: filled means progressed",
}


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
