"""Calendar time under shifted dates: the window of accrual, the data cut-off, and the protocol that goes with the shifted data.

A date moves by at most LONGEST days within the window, which is therefore widened by as many on either side; who was outside it
moves away from it, so that the same patients are left out. What lies after the cut-off is cut before anything moves.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from equipoise.data.sources import read_sources
from equipoise.engine import Engine, literal, quote
from equipoise.errors import EquipoiseError, Fault
from equipoise.handover.keys import AFTER, BEFORE, LONGEST
from equipoise.handover.tables import DATA_CUTOFF, FOLLOWUP
from equipoise.handover.treatment import DATED, Handed
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol
from equipoise.protocol.yaml_tree import compose, read_text

NOTICE = "Dates were shifted for each patient: no calendar date of this report is one of a patient's."
KNOWN_AT = {"death_cause": "death_date", "death_source": "death_date"}
OTHER_DATES = ("last_imaging", "death_date", "progression_date")
_CALENDAR = re.compile(r"'\d{4}-\d{1,2}(-\d{1,2})?'|\b(year|month|quarter)\s*\(", re.IGNORECASE)
WIDER, NOT_MOVED = dt.timedelta(days=LONGEST), dt.timedelta()
TWICE = 2 * WIDER  # of a trial, which refuses dates after its cut-off: subjects outside the window move so far


@dataclass(frozen=True, slots=True)
class Window:
    """The days between which an index date counts; None where there is no limit. cutoff: of the protocol."""

    first: dt.date | None = None
    last: dt.date | None = None
    cutoff: dt.date | None = None


def window_of(protocol: Protocol | None, wider: dt.timedelta = NOT_MOVED, later: dt.timedelta = NOT_MOVED) -> Window:
    """wider: how much is added to the accrual on either side; later: to the cut-off."""
    if protocol is None or protocol.index is None:
        return Window()
    accrual, cutoff = protocol.index.accrual, protocol.study.data_cutoff
    end, cutoff = accrual.to and accrual.to + wider, cutoff and cutoff + later
    return Window(accrual.from_ and accrual.from_ - wider, min((d for d in (end, cutoff) if d is not None), default=None), cutoff)


def sides(engine: Engine, protocol: Protocol, files: Sequence[Handed]) -> dict[str, int]:
    """Patients whose index date lies before or after the window."""
    window = window_of(protocol)
    index = protocol.index
    file = next((f for f in files if index is not None and f.name == index.table), None)
    if index is None or file is None or index.date not in file.cells:
        return {}
    found: dict[str, int] = {}
    for side, day, sign in ((BEFORE, window.first, "<"), (AFTER, window.last, ">")):
        if day is not None:
            where = f"cast({quote(index.date)} as date) {sign} {literal(day)}"
            found |= {r[0]: side for r in engine.rows(f"select patient_id from {file.relation} where {where}")}
    return found


def trial_sides(protocol: Protocol) -> dict[str, int]:
    """The same of subjects of SDTM domains, by the first dose as the study reads it; a study refuses dates after its cut-off."""
    window = window_of(protocol)
    if window.first is None and window.last is None:
        return {}
    days = read_sources(protocol).engine.rows("select patient_id, index_date from index_treatment order by 1")
    found = {p: BEFORE for p, day in days if window.first is not None and day < window.first}
    return found | {p: AFTER for p, day in days if window.last is not None and day > window.last}


def cut_followup(engine: Engine, files: Sequence[Handed], cutoff: dt.date | None, keep_cutoff: bool) -> None:
    """Follow-up as the study reads it: cut at the earlier of the file's and the protocol's cut-off. The cut-off itself becomes
    the patient's last recorded day up to it, unless it is kept."""
    file = next((f for f in files if f.name == FOLLOWUP), None)
    if file is None:
        return
    limit = f"least(cast({DATA_CUTOFF} as date), coalesce({literal(cutoff)}, cast({DATA_CUTOFF} as date)))"
    new = {DATA_CUTOFF: f"coalesce(last_seen_day, cast({DATA_CUTOFF} as date))"}
    if cutoff is not None:
        new["last_contact"] = f"least(cast(last_contact as date), {limit})"
        new[DATA_CUTOFF] = f"greatest({new['last_contact']}, last_seen_day)"
        for column in OTHER_DATES:
            new[column] = f"case when cast({column} as date) <= {limit} then {column} end"
        for column, known in KNOWN_AT.items():
            new[column] = f"case when {known} is null or cast({known} as date) <= {limit} then {column} end"
    if keep_cutoff:
        new[DATA_CUTOFF] = limit
    engine.create("handed_day", _days(files))
    seen = (
        f"select {FOLLOWUP}.patient_id as seen_patient, max(d.day) as last_seen_day from {file.relation} as {FOLLOWUP} "
        f"join handed_day as d on d.patient_id = {FOLLOWUP}.patient_id where d.day <= {limit} group by 1"
    )
    joined = f"select r.*, s.last_seen_day from {file.relation} as r left join ({seen}) as s on s.seen_patient = r.patient_id"
    fields = ", ".join(f"cast({sql} as varchar) as {column}" for column, sql in new.items())
    cut = f"select * exclude (last_seen_day) replace ({fields}) from ({joined}) as joined order by source_row"
    engine.create("handed_followup", cut)
    engine.create(file.relation, "select * from handed_followup order by source_row")


def _days(files: Sequence[Handed]) -> str:
    """Every date of every table but the cut-off, by patient. The dates were checked."""
    parts = [
        f"select patient_id, cast({quote(t.column)} as date) as day from {f.relation}"
        for f in files
        for t in f.of(*DATED)
        if t.column != DATA_CUTOFF
    ]
    return " union all ".join(parts)


def calendar_remarks(protocol: Protocol, path: Path) -> list[str]:
    """Conditions of the protocol that compare a calendar date, which do not follow a shift."""
    root = compose(path, read_text(path, "protocol"), "")
    lines = sorted({n.start_mark.line + 1 for n in _scalars(root) if _CALENDAR.search(n.value)})
    return [
        f"{path.name}:{n}: this condition asks a calendar date, which the shift moves; its numbers will differ" for n in lines
    ]


def _scalars(node: yaml.Node) -> list[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        return [node]
    if isinstance(node, yaml.MappingNode):
        return [s for _, value in node.value for s in _scalars(value)]
    return [s for value in node.value for s in _scalars(value)]


def moved_protocol(path: Path, data: str, files: Mapping[str, str], later: dt.timedelta = WIDER) -> str:
    """The text of the protocol for the handed-over data: where they lie, a wider window, a later cut-off, and a notice. files:
    of domains, by their old names. later: how much the cut-off moves.
    Everything else, comments too, stays."""
    text = read_text(path, "protocol")
    root = compose(path, text, "")
    study, index = _child(root, "study"), _child(root, "index")
    edits: list[tuple[int, int, str]] = []
    given = _child(root, "data")
    for key, new in {
        **dict.fromkeys(("tables", "rows", "path"), json.dumps(data)),
        "sheet": "null",
        "form": "{}",
        "forms": "{}",
    }.items():
        edits += _put(_child(given, key), new)  # what is handed over is in the plain form
    domains = _child(given, "domains")
    for _, value in domains.value if isinstance(domains, yaml.MappingNode) else ():
        edits += _put(value, json.dumps(files[value.value])) if value.value in files else []
    accrual = _child(index, "accrual")
    edits += _moved(_child(accrual, "from"), -WIDER) + _moved(_child(accrual, "to"), WIDER)
    edits += _moved(_child(study, "data_cutoff"), later)
    notice = _child(study, "notice")
    if notice is not None and notice.value:
        edits += _put(notice, json.dumps(f"{notice.value} {NOTICE}", ensure_ascii=False))
    elif isinstance(study, yaml.MappingNode) and notice is None:
        first = study.value[0][0].start_mark
        between = ", " if study.flow_style else "\n" + " " * first.column
        edits.append((first.index, first.index, f"notice: {json.dumps(NOTICE)}{between}"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((v for k, v in node.value if k.value == key), None)


def _put(node: yaml.Node | None, new: str) -> list[tuple[int, int, str]]:
    """A block of text ends with its line, one of keys with its last value."""
    if node is None:
        return []
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return [(node.start_mark.index, _end(node), new)]
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return [(node.start_mark.index, node.end_mark.index, new + "\n" if block else new)]


def _end(node: yaml.Node) -> int:
    """Where the last value of a block stands; the block's own end lies behind the comments that follow."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _moved(node: yaml.Node | None, by: dt.timedelta) -> list[tuple[int, int, str]]:
    if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", node.value):
        return []
    return _put(node, (dt.date.fromisoformat(node.value) + by).isoformat())


def require_same(old: Protocol, written: Path, later: dt.timedelta = WIDER) -> None:
    """The protocol as it was written asks for the same but for the data, the window and the notice. Raises EquipoiseError where
    it does not, as where a date stands behind an anchor that others use."""
    new = load_protocol(written)
    for key in set(Protocol.model_fields) - {"study", "data", "index"}:
        if getattr(old, key) != getattr(new, key) and not Protocol.model_fields[key].exclude:
            message = f"'{key}' cannot be told apart from a date that moves; write it without an anchor"
            raise EquipoiseError(Fault(old.file, "anchor", message))
    if window_of(new) != window_of(old, WIDER, later):
        raise EquipoiseError(Fault(old.file, "dates", "the accrual and data_cutoff are written YYYY-MM-DD; write them so"))
