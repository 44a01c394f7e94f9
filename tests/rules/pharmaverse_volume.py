"""The large random set of pharmaverse (tumour measurements of three readers) as tables of the contract."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

READERS = ("investigator", "radiologist 1", "radiologist 2")
STATE = {
    "PRESENT": "present",
    "ABSENT": "absent",
    "UNEQUIVOCAL": "unequivocal progression",
    "UNEQUIVOCAL PROGRESSION": "unequivocal progression",
    None: "not assessable",
}


def volume(folder: Path) -> tuple[dict[str, dict[str, list]], dict[tuple, dict[str, str]]]:
    """Contract tables (index date = day of the baseline scan), and the recorded responses by (subject, date, reader)."""
    db = duckdb.connect()
    for name in ("tu", "tr", "rs"):
        db.execute(f"create view {name} as select *, lower(coalesce({name}EVALID, {name}EVAL)) as reader "
                   f"from '{folder / 'sdtm' / name}_onco.parquet'")  # fmt: skip
    found = db.execute("select distinct USUBJID, VISITNUM, TRDTC from tr").fetchall()
    known: dict[tuple[str, float], list[str]] = {}
    for s, v, d in found:
        known.setdefault((s, v), []).append(d)

    def place(subject: str, visit: float, text: str) -> tuple[str, str, float]:
        """The scan of a row: one visit number may stand for two days; a partial date is a whole one of that visit, if any."""
        whole = min((d for d in known[subject, visit] if len(d) >= 10 and d.startswith(text)), default=text)
        return subject, whole_date(whole), visit

    dates = sorted({place(*one) for one in found})
    order = {one: sum(1 for other in dates if other[0] == one[0] and other < one) for one in dates}
    index = {s: d for s, d, v in reversed(dates)}
    seen = {(s, order[s, d, v]): d for s, d, v in dates}
    lesions = db.execute("select USUBJID, reader, TULNKID, TUSTRESC, TULOC, VISITNUM, TUDTC from tu order by 1, 2, 3").fetchall()
    node = {(s, r, k): loc == "LYMPH NODE" for s, r, k, _, loc, _, _ in lesions}
    measures = db.execute(
        "select USUBJID, reader, TRLNKID, VISITNUM, TRDTC, TRGRPID, TRTESTCD, TRSTRESC from tr where TRLNKID is not null "
        "order by 1, 2, 3, 4, 5"
    ).fetchall()
    rows, doubtful = {}, set()
    for s, r, k, v, day, kind, code, value in measures:
        if kind == "NEW" and value == "EQUIVOCAL":
            doubtful.add((s, r, k))  # a new lesion counts once it is unequivocal
        elif code == ("TUMSTATE" if kind != "TARGET" else "DIAMETER"):
            size = value if kind == "TARGET" else None
            status = STATE[value] if kind != "TARGET" else ("not assessable" if value is None else "present")
            visit = order[place(s, v, day)]
            rows[s, r, k, visit] = (s, f"{r} {k}", str(visit), size, status)
    recorded: dict[tuple, dict[str, str]] = {}
    answers = db.execute("select USUBJID, VISITNUM, RSDTC, reader, RSTESTCD, RSSTRESC from rs").fetchall()
    for s, v, d, r, code, value in answers:
        recorded.setdefault((s, order[place(s, v, d)], r), {})[code] = value
    return {
        "patient": _columns("patient_id site sex age_index", [(s, "x", "M", 60) for s in index]),
        "index_treatment": _columns("patient_id drug index_date", [(s, "a", d) for s, d in index.items()]),
        "visit_imaging": _columns(
            "patient_id visit date scheduled evaluable", [(s, str(v), d, "true", "true") for (s, v), d in seen.items()]
        ),
        "lesion": _columns("patient_id lesion_id role organ is_lymph_node first_visit reader", [
            (s, f"{r} {k}", kind.lower(), (loc or "other").lower(), str(node[s, r, k]).lower(), str(order[place(s, v, d)]), r)
            for s, r, k, kind, loc, v, d in lesions if (s, r, k) not in doubtful
        ]),
        "lesion_measure": _columns("patient_id lesion_id visit diameter_mm status", list(rows.values())),
        "followup": _columns("patient_id last_contact data_cutoff", [(s, "2016-01-01", "2016-01-01") for s in index]),
    }, recorded  # fmt: skip


def whole_date(text: str) -> str:
    """A partial date is its month's end."""
    if len(text) >= 10:
        return text[:10]
    year, month = (int(part) for part in text.split("-"))
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).isoformat()


def _columns(names: str, rows: list[tuple]) -> dict[str, list]:
    return dict(zip(names.split(), (list(c) for c in zip(*rows, strict=True)), strict=True))
