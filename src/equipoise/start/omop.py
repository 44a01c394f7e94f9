"""A first protocol from a database of the OMOP common data model: its drugs and conditions by the number of persons, and a study
of two of the drugs."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from equipoise.data.omop.cdm import Cdm
from equipoise.data.omop.concepts import concepts_where
from equipoise.data.omop.folder import table_of_file
from equipoise.data.omop.read import opened_cdm
from equipoise.engine import duckdb_file, listed
from equipoise.engine.scan import SOURCE
from equipoise.errors import DataError, Fault
from equipoise.protocol.connection import kind_of
from equipoise.protocol.load import load_protocol
from equipoise.start.scalars import text

Say = Callable[[str], None]
LEAST = 5  # persons; fewer are not told
SHOWN, NAME = 12, "study.yaml"
DRUGS = ("drug_era", "drug_exposure")
CONDITIONS = ("condition_occurrence", "condition_era")
PRIOR = 365
PROBE = """\
study: {{id: probe, title: probe, disease: probe, population: probe}}
data: {data}
omop: {{concept_sets: {{all: {{ids: [1], table: drug_exposure}}}}, outcomes: {{death: {{label: x, short: x, death: true}}}}}}
arms: {{groups: {{all: {{label: all}}}}}}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Concepts by id or name, '' where none is given."""

    target: str = ""
    comparator: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    concept: int
    name: str
    persons: int

    @property
    def key(self) -> str:
        """The name as a name of the protocol."""
        plain = re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")[:40]
        return plain if re.match(r"[a-z]", plain) else f"concept_{self.concept}"


def is_omop(folder: Path) -> bool:
    """Whether the folder holds persons, their observation and drugs under the names of the model."""
    tables = {table_of_file(entry) for entry in folder.iterdir()}
    return {"person", "observation_period"} <= tables and bool(tables & set(DRUGS))


def begin_omop(source: str, schema: str | None, out: Path | None, asked: Asked, say: Say) -> Path:
    """Write `study.yaml` for a folder of tables or the address of a database; its path. Nothing that exists is overwritten.
    Raises EquipoiseError."""
    connected = "://" in source
    folder = out or (Path() if connected else Path(source).parent)
    target = folder / NAME
    if target.exists():
        message = f"{NAME} already in {folder.name or '.'}/; give another folder with --out"
        raise DataError(Fault(folder.name or ".", "file exists", message))
    if connected and not schema:
        raise DataError(Fault("--schema", "option", "name the schema of the database that holds the tables, --schema cdm"))
    with tempfile.TemporaryDirectory() as scratch:
        cdm = _probed(Path(scratch), _data(seen_from(Path(scratch), source), schema))
        drugs, conditions = _tables(cdm)
        treated, outcomes = _counted(cdm, drugs), _counted(cdm, conditions)
        _tell(treated, outcomes, say)
        arms = _chosen(cdm, drugs, treated, [("target", asked.target), ("comparator", asked.comparator)])
        tree = cdm.has("concept_ancestor")
        (outcome,) = _chosen(cdm, conditions, outcomes, [("outcome", asked.outcome)])
    folder.mkdir(parents=True, exist_ok=True)
    content = _protocol(_data(seen_from(folder, source), schema), drugs, conditions, arms, outcome, asked, tree)
    target.write_text(content, encoding="utf-8", newline="\n")
    say(f"written     {target}")
    load_protocol(target)
    return target


def seen_from(folder: Path, source: str) -> str:
    """A folder, or the file of an address, that was named from here, as a protocol in another folder names it; the address of a
    server stays."""
    if "://" in source and kind_of(source) != "duckdb":
        return source
    path = duckdb_file(source) if "://" in source else Path(source)
    if "://" in source and path.is_absolute():
        return source
    relative = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    return f"duckdb:///{quote(relative)}" if "://" in source else relative


def _data(source: str, schema: str | None) -> str:
    if "://" in source:
        return f"{{standard: omop, connection: {json.dumps(source)}, schema: {json.dumps(str(schema))}}}"
    return f"{{standard: omop, path: {json.dumps(source)}}}"


def _probed(scratch: Path, data: str) -> Cdm:
    probe = scratch / NAME
    probe.write_text(PROBE.format(data=data), encoding="utf-8")
    return opened_cdm(load_protocol(probe))[0]


def _tables(cdm: Cdm) -> tuple[str, str]:
    drugs = next((t for t in DRUGS if cdm.has(t)), None)
    conditions = next((t for t in CONDITIONS if cdm.has(t)), None)
    lacking = [cdm.missing(names[0]) for names, found in ((DRUGS, drugs), (CONDITIONS, conditions)) if found is None]
    if lacking or drugs is None or conditions is None:
        raise DataError(lacking)
    return drugs, conditions


def _counted(cdm: Cdm, table: str) -> list[Counted]:
    """Concepts of a table by the number of persons, the most first; none that fewer than LEAST have."""
    f = cdm.fields(table)
    pairs = f"select {f['concept_id']} as concept, {f['person_id']} as person from {SOURCE}"
    sql = (
        f"select concept, count(distinct person) as persons from ({pairs}) as pairs where concept <> 0 group by concept "
        f"having count(distinct person) >= {LEAST} order by persons desc, concept limit 200"
    )
    found = [(int(c), int(n)) for c, n in cdm.rows(table, sql)]
    names: dict[int, str] = {}
    if cdm.has("concept") and found:
        where = f"concept_id in ({listed([c for c, _ in found])})"
        names = {int(c): str(name) for c, name in concepts_where(cdm, "concept_id, concept_name", where)}
    return [Counted(c, names.get(c, f"concept {c}"), n) for c, n in found]


def _tell(treated: Sequence[Counted], outcomes: Sequence[Counted], say: Say) -> None:
    for head, found in (("drug", treated), ("condition", outcomes)):
        for one in found[:SHOWN]:
            say(f"{head:<12}{one.concept} {one.name}: {one.persons:,} persons")
        if len(found) > SHOWN:
            say(f"            and {len(found) - SHOWN}{' or more' if len(found) == 200 else ''} others")


def _chosen(cdm: Cdm, table: str, found: Sequence[Counted], asked: Sequence[tuple[str, str]]) -> list[Counted]:
    """The concepts that were asked for; of the others those that the most persons have. Raises DataError."""
    chosen: dict[str, Counted] = {}
    faults = []
    for option, given in asked:
        if given:
            same = [c for c in found if str(c.concept) == given.strip() or c.name.lower() == given.strip().lower()]
            if len(same) == 1:
                chosen[option] = same[0]
            else:
                what = (
                    "several concepts have this name; give the id"
                    if same
                    else f"no concept of {table} that {LEAST} persons have is called so"
                )
                faults.append(Fault(f"--{option}", "concept", f"{what}; the list shows the most frequent"))
    rest = [c for c in found if c not in chosen.values()]
    for option, given in asked:
        if not given and not faults:
            if not rest:
                faults.append(Fault(cdm.place(table), "too few", f"the table has too few concepts that {LEAST} persons have"))
                break
            chosen[option] = rest.pop(0)
    if faults:
        raise DataError(faults)
    return [chosen[option] for option, _ in asked]


def _protocol(data: str, drugs: str, conditions: str, arms: Sequence[Counted], outcome: Counted, asked: Asked, tree: bool) -> str:
    target, comparator = arms
    under = "descendants: true, " if tree else ""
    below = under if drugs != "drug_era" else ""  # eras are of ingredients
    keys = [target.key, comparator.key, outcome.key]
    if len(set(keys)) < 3:
        keys = ["target", "comparator", "outcome"]
    guessed = (
        "" if asked.target and asked.comparator else "    # CONFIRM: the drugs that the most persons have, where none was named"
    )
    event = "" if asked.outcome else "    # CONFIRM: the condition that the most persons have"
    title = f"{outcome.name} after {target.name} or {comparator.name}"
    return f"""\
# A first protocol, written by `equipoise init` from tables of the OMOP common data model. Lines marked EDIT hold words that only
# you know; lines marked CONFIRM a guess. docs/omop.md says what each key means and what else there is.
study:
  id: omop_study
  title: {text(title)}
  disease: {text("the disease that is treated")}    # EDIT
  population: {text(f"new users of {target.name} or {comparator.name}")}    # EDIT
data: {data}
minimum_cell: {LEAST}    # smaller counts are masked
omop:
  concept_sets:{guessed}
    {keys[0]}: {{ids: [{target.concept}], table: {drugs}, {below}label: {json.dumps(target.name)}}}
    {keys[1]}: {{ids: [{comparator.concept}], table: {drugs}, {below}label: {json.dumps(comparator.name)}}}
    {keys[2]}: {{ids: [{outcome.concept}], table: {conditions}, {under}label: {json.dumps(outcome.name)}}}{event}
  index: {{washout_days: ever, prior_observation_days: {PRIOR}}}
  covariates:
    age: {{label: "Age, years", person: age}}
    sex: {{label: Sex, person: sex}}
    index_year: {{label: "Year of the index date", person: index_year}}
  outcomes:
    outcome: {{label: {json.dumps(outcome.name)}, short: {json.dumps(outcome.name[:30])}, concepts: {keys[2]}, clean_days: ever}}
  risk_window: {{kind: intention_to_treat, start_day: 1}}
arms:
  groups:
    {keys[0]}: {{label: {json.dumps(target.name)}}}
    {keys[1]}: {{label: {json.dumps(comparator.name)}}}
  reference: {keys[1]}
  focal: {keys[0]}
time_unit: days
propensity: [age, sex, index_year]
designs:
  overlap: {{kind: weights, target: overlap}}
primary: overlap
"""
