"""A spreadsheet that holds dates alone: start, death, last contact, progression. Times come from them as day numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import mode

from equipoise.data.date_forms import CENTURY_FROM, DateForm, date_form, read_date
from equipoise.start.columns import Seen, plain_number
from equipoise.start.event_values import EventGuess, guess_event
from equipoise.start.given import Given
from equipoise.start.patient import identifying
from equipoise.start.times import of_some
from equipoise.start.vocabulary import dead

DAY = {"death": "death_day", "last": "last_contact_day", "progression": "progression_day"}


@dataclass(frozen=True, slots=True)
class DateGuess:
    """Columns of dates by what they date; death and progression may be missing. Without a start they are numbers of days already.
    flag: a column that says who died; undated: those who died by it without a date of death. why: column -> reason. written:
    column -> how its dates are written."""

    start: str | None
    last: str
    death: str | None
    progression: str | None
    flag: str | None
    happened: EventGuess | None
    written: dict[str, DateForm]
    why: dict[str, str] = field(default_factory=dict)
    undated: int = 0

    @property
    def order(self) -> str:
        """The order of most columns, of those first in which the year does not stand in front; '' of numbers of days."""
        orders = [form.order for form in self.written.values()]
        return mode([o for o in orders if o != "ymd"] or orders or [""])

    @property
    def orders(self) -> dict[str, str]:
        """Columns of another order."""
        return {column: form.order for column, form in self.written.items() if form.order != self.order}

    @property
    def two_digit(self) -> bool:
        return any(form.two_digit for form in self.written.values())

    @property
    def order_reason(self) -> str:
        """Of the order: the reason that decides, or that none does."""
        same = [form for form in self.written.values() if form.order == self.order]
        return next((form.reason for form in same if form.decided), same[0].reason if same else "")

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
    counts = [c for c in seen.values() if of_some(c)]
    named_by = (given.patient, given.arm)
    free = [c for c in seen.values() if _dated(c) and c not in counts and not identifying(c) and c.name not in named_by] + counts
    found: dict[str, Seen] = {}
    words = {"death": "death", "progression": "relapse_date", "last": "last", "start": "start"}
    for role, what in words.items():
        named = [c for c in free if c not in found.values() and c.says(what)]
        if named:
            found[role] = sorted(named, key=lambda c: (c.empty if role in ("last", "start") else 0, free.index(c)))[0]
    died = next((c for c in flags if c.says("died") or c.says("state") or any(dead(v) for v in c.counts)), None)
    told = _by_order(free, cells) if died is not None and not {"start", "last"} <= set(found) else {}
    found |= told
    counted = any(of_some(c) for c in found.values())
    if counted:
        found = {role: c for role, c in found.items() if of_some(c)}
    if ("start" not in found and not counted) or "last" not in found or ("death" not in found and died is None):
        return None
    written = {} if counted else _written({c.name: date_form(c.counts, serial=True) for c in found.values()})
    what = "days from the start" if counted else "a date"
    why = {c.name: f"{what}; its name says {_ROLE[role]}" for role, c in found.items()}
    why |= {c.name: f"a date; {_ORDERED[role]}: {_ROLE[role]}; CONFIRM" for role, c in told.items()}
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
        name.get("start"), name["last"], name.get("death"), name.get("progression"), flag, happened, written, why, undated
    )  # fmt: skip


def _by_order(free: list[Seen], cells: dict[str, list[str | None]]) -> dict[str, Seen]:
    """Of exactly two columns of dates the one that is never later is the start, the other the last contact."""
    dated = [c for c in free if c.date and not c.says("death", "relapse_date")]
    if len(dated) != 2 or len(free) != 2:
        return {}
    forms = _written({c.name: date_form(c.counts) for c in dated})
    if len(forms) != 2 or any(not form.decided for form in forms.values()):
        return {}
    century = CENTURY_FROM if any(form.two_digit for form in forms.values()) else None
    days = [[cell and read_date(cell, forms[c.name].order, century) for cell in cells[c.name]] for c in dated]
    both = [(a, b) for a, b in zip(*days, strict=True) if a and b]
    for first, last in ((0, 1), (1, 0)):
        if both and all(pair[first] <= pair[last] for pair in both) and any(pair[first] < pair[last] for pair in both):
            return {"start": dated[first], "last": dated[last]}
    return {}


def _plain(column: Seen, cell: str | None) -> str | None:
    return plain_number(cell) if column.number and cell is not None else cell


_ROLE = {
    "death": "death: filled means died",
    "last": "the last contact: those without an event are censored there",
    "start": "the start: day 0",
    "progression": "progression: filled means progressed",
}


_ORDERED = {"start": "of two columns of dates it is never the later", "last": "of two columns of dates it is never the earlier"}


def _dated(column: Seen) -> bool:
    """Whether a column holds dates; whole numbers are day numbers of Excel only under the name of a date."""
    named = column.says("start", "last", "death", "relapse_date")
    return column.date or (named and date_form(column.counts, serial=True) is not None)


def _written(forms: dict[str, DateForm | None]) -> dict[str, DateForm]:
    """Columns in which nothing decides between day and month are written as those in which something does."""
    found = {column: form for column, form in forms.items() if form is not None}
    decided = {form.order for form in found.values() if form.decided and form.order in ("dmy", "mdy")}
    if len(decided) == 1:
        order = decided.pop()
        return {c: replace(f, order=order) if not f.decided and f.order in ("dmy", "mdy") else f for c, f in found.items()}
    return found


def order_of(columns: list[list[str | None]]) -> tuple[str, str]:
    """ymd, dmy or mdy of columns that are written alike, and why; the reason says CONFIRM where nothing decides."""
    found = _written({str(i): date_form(cells) for i, cells in enumerate(columns)})
    forms = sorted((f for f in found.values()), key=lambda f: (f.order == "ymd", not f.decided))
    if not forms or forms[0].order == "ymd":
        return "ymd", "every date has the year in front"
    return forms[0].order, forms[0].reason.partition(";")[0] + ("" if forms[0].decided else "; CONFIRM")
