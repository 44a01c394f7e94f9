"""What is said where no time and no event was found: which columns were near."""

from __future__ import annotations

from equipoise.data.date_forms import CENTURY_FROM, ORDERS, date_form, read_date
from equipoise.engine.files import MOMENT
from equipoise.start.columns import Seen
from equipoise.start.endpoints import is_event
from equipoise.start.patient import identifying
from equipoise.start.times import MOSTLY, is_time, named_time, words_in


def why_no_endpoint(seen: dict[str, Seen], worded: list[Seen]) -> str:
    message = (
        "no pair of a time and an event column was found; name them with --time COLUMN and --event COLUMN "
        "(a time in days, months or years; an event as 0/1 or in words)"
    )
    near = [_worded(c) for c in worded]
    near += [f"'{c.name}' holds times below 0" for c in seen.values() if named_time(c) and c.number and c.low < 0]
    times = [c.name for c in seen.values() if is_time(c)]
    events = [c.name for c in seen.values() if is_event(c)]
    if near:
        message += f". {'; '.join(near)}"
    if times and not events:
        message += f". Times, without an event: {', '.join(times[:5])}"
    if events and not times:
        message += f". Events, without a time: {', '.join(events[:5])}"
    dates = [c.name for c in seen.values() if c.date and not identifying(c)]
    near_dates = [(c.name, why) for c in seen.values() if not c.date and not identifying(c) for why in (_nearly(c),) if why]
    message += "".join(f". '{name}' would be dates, but {why}" for name, why in near_dates[:5])
    if len(dates) > 1:
        message += f". The file holds dates ({', '.join(dates)}), but their names do not say which is the start, the last "
        message += "contact and the death; rename them so, or add a column with the days between two of them"
    return message


def _worded(column: Seen) -> str:
    words, other = words_in(column)
    told = [f"{w} ({n})" for w, n in sorted(words.items())]
    told += [f"a sign or more than a number ({other})"] if other else []
    return (
        f"'{column.name}' would be a time, but some cells are no numbers: {', '.join(told)}; correct them, or list a word that "
        "stands for unknown under data, missing"
    )


def _nearly(column: Seen) -> str:
    """Why a column that looks like dates is none: what its cells are that no order reads."""
    cells = list(column.counts.elements())
    if column.number or not cells:
        return ""
    if all(c.startswith(f"{MOMENT} ") or date_form([c]) for c in cells) and any(c.startswith(f"{MOMENT} ") for c in cells):
        return "they are moments of a time zone, and whose day a moment is depends on where one is: write days into the file"
    counted = {order: sum(read_date(c, order, CENTURY_FROM) is not None for c in cells) for order in ORDERS}
    most = max(counted.values())
    if most < MOSTLY * len(cells):
        if sum(any(read_date(c, order, CENTURY_FROM) for order in ORDERS) for c in cells) < MOSTLY * len(cells):
            return ""
        return "they are written in several orders of day, month and year: write all of them alike"
    which = "1 cell is" if len(cells) - most == 1 else f"{len(cells) - most} cells are"
    return f"{which} none, as where the day or the month is missing: complete or empty them"
