"""ADaM as a study: what its names say, so that nothing of it need be guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from equipoise.data.adam import CENSOR, CODE, SUBJECT, SUBJECTS, TIME, TIMES, Adam, Parameter, adam_files, read_adam
from equipoise.data.read import RawTable
from equipoise.engine import DuckDBEngine
from equipoise.protocol.file_form import TableForm
from equipoise.start.columns import Seen, slug, unique
from equipoise.start.endpoints import ENDPOINTS, EndpointGuess
from equipoise.start.event_values import EventGuess
from equipoise.start.folder_forms import Files, files_of
from equipoise.start.given import Given
from equipoise.start.scalars import text
from equipoise.start.times import unit_of
from equipoise.start.vocabulary import endpoint_of

POPULATIONS = {"ITTFL": "Not in the intention-to-treat population", "FASFL": "Not in the full analysis set",
               "RANDFL": "Not randomized", "SAFFL": "Not in the safety population"}  # fmt: skip
LEFT_OUT = {
    "made by an earlier design: a match or a score": r"PAIRID|PSCORE|PSWT|PSCLASS|MATCHFL",
    "a flag: a population, or something that happened": r"\w*FL",
    "describes an outcome": r"\w+_EVNTDESC",
    "the treatment again, or its number": r"(TRT(SEQ)?(\d\d)?[PA]N?|TR\d\d[PA]G\d+N?|(ACT)?ARM(CD)?)",
    "known only later: the end of treatment or of the study, or death": r"(LDDTH|DTH|EO[ST]|DC[ST]|LST|TRTE|TRTDUR|RFX?P?EN)\w*",
    "a day of the study": r"\w+DY",
    "a site; patients of one site are alike in what no covariate says": r"SITE(ID|GR\d+N?)",
    "identifies subjects or studies": r"SUBJID|STUDYID|INVID|INVNAM",
}


def is_adam(folder: Path) -> bool:
    """Whether a folder holds times to events under the name of ADaM."""
    return TIMES in adam_files(folder)


def several_parameters(raw: RawTable) -> bool:
    """Whether a file holds several records of subjects, of different parameters."""
    named = {name.upper(): name for name in raw.names}
    if not {SUBJECT, CODE, TIME, CENSOR} <= set(named):
        return False
    counted = ", ".join(f"count(distinct {raw.cell(named[v])})" for v in (CODE, SUBJECT))
    codes, subjects = raw.engine.rows(f"select {counted} from {raw.relation}")[0]
    return codes > 1 and subjects < raw.n_rows


def adam_source(folder: Path, times: str | None = None) -> tuple[Adam, dict[str, list[str]], Files]:
    """The data sets of a folder, read; the files that may hold each; how they are written. times: the file of ADTTE, where it is
    named."""
    files = adam_files(folder)
    if times is not None:
        files[TIMES] = [times]
    paths = {name: folder / files[name][0] for name in (SUBJECTS, TIMES) if name in files}
    read = files_of(paths, SUBJECT.lower())
    forms = {name: read.forms.get(name, TableForm()).of(name) for name in paths}
    return read_adam(paths, DuckDBEngine(), forms=forms), files, read


def adam_lines(path: str, files: dict[str, list[str]]) -> list[str]:
    """What stands under `data:`."""
    lines = ["  standard: adam", f"  path: {text(path)}", "  domains:"]
    for name, found in files.items():
        others = f"    # or {', '.join(found[1:])}" if len(found) > 1 else ""
        lines.append(f"    {name}: {text(found[0])}{others}")
    return lines


def adam_endpoints(parameters: Sequence[Parameter], seen: dict[str, Seen], given: Given) -> tuple[EndpointGuess, ...]:
    """An endpoint for each parameter, overall survival first."""
    taken: set[str] = set()
    found = [_endpoint(p, seen, given, unique(slug(p.code, "p"), taken)) for p in parameters if seen[p.time].filled]
    return tuple(sorted(found, key=lambda e: e.name != "os"))


def _endpoint(p: Parameter, seen: dict[str, Seen], given: Given, name: str) -> EndpointGuess:
    known = endpoint_of(p.code) or endpoint_of(p.label)
    label, event_label = ENDPOINTS.get(known, (p.label, "Event"))
    unit, why = (p.unit, "AVALU, PARAM or the dates say so") if p.unit and not given.unit else unit_of(seen[p.time], given.unit)
    values = tuple(v for v in seen[p.censor].values if v != "0")
    happened = EventGuess(("0",), (), values, "CNSR is 0 at the event, as in ADaM")
    if "0" not in seen[p.censor].counts:
        happened = EventGuess((), (), values, "no record of it is an event", "no CNSR is 0, so that nobody has the event")
    reason = f"the parameter {p.code} of {TIMES}"
    empty = seen[p.time].empty
    return EndpointGuess(name, p.label or label, event_label, p.time, unit, p.censor, happened, reason, why, empty, declared=True)


def population(seen: dict[str, Seen]) -> str:
    """The flag that leaves somebody out, of the widest population first; '' where none does."""
    return next((flag for flag in POPULATIONS if flag in seen and 0 < seen[flag].counts["Y"] < seen[flag].n), "")


def left_out(name: str, names: Collection[str]) -> str:
    """Why a variable is no covariate, by its name; '' where the name does not say it. names: of all variables."""
    grouped = re.fullmatch(r"(\w+?)GR\d+N?", name)
    if grouped and any(base in names for base in (grouped[1], f"{grouped[1]}N")):
        return f"a grouping of {grouped[1]}"
    if name.endswith("N") and name[:-1] in names:
        return f"{name[:-1]} as a number"
    return next((why for why, names in LEFT_OUT.items() if re.fullmatch(names, name)), "")
