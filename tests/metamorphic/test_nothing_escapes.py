"""Names, labels and values that would be code elsewhere: nothing outside the study is read, nothing written beside its folder."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import studies

from equipoise.data.sources import read_sources
from equipoise.errors import EquipoiseError
from equipoise.protocol.load import load_protocol
from equipoise.report.bundle import write_report
from equipoise.study import check_study, export_study, run_study

CANARY = "CANARY-5f1d-not-to-be-read"
STEAL = "copy (select content from read_text('canary.txt')) to 'planted.csv'"
# Closing what a name, a text or a bracket may stand in, then a statement of its own; and the same as an expression.
PAYLOADS = {
    "name": f'x" from patients; {STEAL}; --',
    "cast": f'age" as varchar)) from patients; {STEAL}; --',
    "text": f"x'; {STEAL}; --",
    "bracket": f"x) t; {STEAL}; --",
    "column": "x\", (select content from read_text('canary.txt')) as \"y",
    "both": f"x'\"); {STEAL}; --",
    "union": "x' union all select content from read_text('canary.txt') --",
}


def _header(example: studies.Example, payload: str) -> None:
    for row in example.rows:
        row[payload] = row["age"]


def _rename(example: studies.Example, old: str, payload: str) -> None:
    example.tables["patients"] = [{payload if k == old else k: v for k, v in row.items()} for row in example.rows]


def _patient(example: studies.Example, payload: str) -> None:
    _rename(example, "patient", payload)
    example.protocol["data"]["patient"] = payload


def _identifiers(example: studies.Example, payload: str) -> None:
    for row in example.rows:
        row["patient"] = f"{row['patient']} {payload}"


def _arm_column(example: studies.Example, payload: str) -> None:
    _rename(example, "treatment", payload)
    example.protocol["arms"]["column"] = payload


def _arm_value(example: studies.Example, payload: str) -> None:
    for row in example.rows:
        row["treatment"] = payload if row["treatment"] == "new" else "old"
    example.protocol["arms"]["groups"]["new"]["value"] = payload


def _time(example: studies.Example, payload: str) -> None:
    _rename(example, "days", payload)
    example.protocol["endpoints"]["os"]["time"]["column"] = payload


def _quoted_column(example: studies.Example, payload: str) -> None:
    _rename(example, "marker", payload)
    example.protocol["covariates"]["marker"]["from"] = '"' + payload.replace('"', '""') + '"'


def _level(example: studies.Example, payload: str) -> None:
    for row in example.rows:
        row["stage"] = payload if row["stage"] == "II" else row["stage"]
    example.protocol["covariates"]["stage"]["levels"] = {"I": "I", payload: payload, "III": "III"}


def _missing(example: studies.Example, payload: str) -> None:
    example.protocol["data"]["missing"] = [payload]


def _file(example: studies.Example, payload: str) -> None:
    example.protocol["data"]["rows"] = f"{payload.replace('/', '_')}.csv"


def _sheet(example: studies.Example, payload: str) -> None:
    example.protocol["data"]["sheet"] = payload


def _labels(example: studies.Example, payload: str) -> None:
    asked = example.protocol
    asked["study"] |= {"title": payload, "disease": payload, "population": payload}
    for part in (*asked["covariates"].values(), *asked["endpoints"].values()):
        part["label"] = payload
    for key, arm in asked["arms"]["groups"].items():
        arm["label"] = f"{payload} {key}"
    asked["subgroups"]["by_age"]["levels"] = {payload: "age < 62", "other": "age >= 62"}
    asked["eligibility"] = {"steps": [{"label": payload, "exclude": [{"reason": f"{payload}\n{payload}", "where": "age < 45"}]}]}


def _expressions(example: studies.Example, payload: str) -> None:
    example.protocol["covariates"]["age"]["from"] = payload


def _condition(example: studies.Example, payload: str) -> None:
    example.protocol["endpoints"]["os"]["event"] = f"died = 1 and {payload}"


def _covariate_name(example: studies.Example, payload: str) -> None:
    example.protocol["covariates"][payload] = {"label": "x", "kind": "continuous", "from": "age"}


PLACES: dict[str, Callable[[studies.Example, str], None]] = {
    "a column that nobody uses": _header,
    "the column of the patients": _patient,
    "the patients": _identifiers,
    "the column of the arms": _arm_column,
    "the value of an arm": _arm_value,
    "the column of a time": _time,
    "a column in an expression": _quoted_column,
    "a level": _level,
    "a word for missing": _missing,
    "the name of the file": _file,
    "the name of the sheet": _sheet,
    "labels": _labels,
    "an expression": _expressions,
    "a condition": _condition,
    "the name of a covariate": _covariate_name,
}


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a canary, where commands run; the study lies in it."""
    (tmp_path / "canary.txt").write_text(CANARY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written_as(example: studies.Example, folder: Path) -> Path:
    """As `Example.write`, the table under the name that the protocol gives it, as csv or a sheet of a workbook."""
    name, sheet = example.protocol["data"]["rows"], example.protocol["data"].get("sheet")
    path = example.write(folder)
    if sheet is not None:
        import openpyxl

        book = openpyxl.Workbook()
        book.active.title = "".join(c for c in sheet if c not in "[]:*?/\\")[:31]
        for row in [list(example.rows[0]), *(list(row.values()) for row in example.rows)]:
            book.active.append(row)
        book.save(folder / "patients.xlsx")
        text = path.read_text(encoding="utf-8").replace("rows: patients.csv", "rows: patients.xlsx")
        path.write_text(text, encoding="utf-8")
    elif name != "patients.csv":
        (folder / "patients.csv").rename(folder / name)
    return path


def contents(folder: Path, without: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and without not in p.parents
    }


def everything(path: Path, out: Path) -> bool:
    """Check, run, write and export; whether the study ran."""
    try:
        check_study(path)
    except EquipoiseError as error:
        assert CANARY not in str(error)
    try:
        study = run_study(path)
    except EquipoiseError as error:
        assert CANARY not in str(error)
        return False
    write_report(study, out / "report", with_patient_rows=True)
    for to in ("r", "sas"):
        export_study(study, out / to, to)
    return True


def attacked(ground: Path, places: Sequence[str], payload: str) -> bool:
    example = studies.sheet(36)
    example.protocol["design"]["propensity"] = ["age", "male"]
    for k, place in enumerate(places):
        PLACES[place](example, payload + " -" * k)  # no two columns of one name
    path, out = written_as(example, ground / "study"), ground / "results"
    before = contents(ground, out)
    ran = everything(path, out)
    assert contents(ground, out) == before, "a file outside the output folder was made or changed"
    for file in out.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file.name
    return ran


DATA_ONLY = (
    "a column that nobody uses", "the patients", "the value of an arm", "a level", "a word for missing", "labels",
    "the column of the patients", "the column of the arms", "the column of a time",
)  # fmt: skip


REFUSED = {"an expression", "a condition", "the name of a covariate"}


@pytest.mark.parametrize("place", sorted(REFUSED))
def test_statements_in_expressions_are_refused(ground, undrawn, place):
    assert not attacked(ground, [place], PAYLOADS["name"])


@pytest.mark.parametrize("kind", ["cast"])
def test_statements_in_names_are_names(ground, undrawn, kind):
    """In every place at once that holds a name, a value or a label: a name is a name, whatever signs it holds."""
    assert attacked(ground, DATA_ONLY, PAYLOADS[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("place", PLACES)
def test_every_statement_in_every_name(ground, undrawn, place, kind):
    ran = attacked(ground, [place], PAYLOADS[kind])
    assert ran == (place not in REFUSED) or place not in (*DATA_ONLY, *REFUSED)


@pytest.mark.parametrize(
    "name", ["s[1].csv", "*.csv", "?.csv", "{a,b}.csv", "o'brien.csv", 'a"b.csv', "a b#c%20.csv", "~.csv", "$HOME.csv"]
)
def test_the_file_of_that_name_is_read_and_no_other(ground, name):
    """Decoys that the name would match as a pattern hold other patients."""
    example = studies.randomised(30)
    example.protocol["data"]["rows"] = name
    path = written_as(example, ground / "study")
    decoy = studies.randomised(36, seed=8)
    for other in ("s1.csv", "a.csv", "b.csv", "abc.csv", "obrien.csv"):
        decoy.write(ground / "decoy")
        (ground / "study" / other).write_bytes((ground / "decoy" / "patients.csv").read_bytes())
    (table,) = read_sources(load_protocol(path)).tables.values()
    assert table.n_rows == 30
    assert table.sha256 == hashlib.sha256((ground / "study" / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("folder", ["s[1]", *(pytest.param(name, marks=pytest.mark.slow) for name in ("*", "a'b", "..data"))])
def test_the_folder_of_that_name_is_read_and_no_other(ground, folder):
    example = studies.raw(24)
    example.protocol["data"]["tables"] = folder
    path = example.write(ground / "study")
    (ground / "study" / "data").rename(ground / "study" / folder)
    other = studies.raw(30, seed=7).write(ground / "decoy").parent / "data"
    for decoy in ("s1", "data", "ab"):
        shutil.copytree(other, ground / "study" / decoy)
    assert read_sources(load_protocol(path)).tables["patient"].n_rows == 24


@pytest.mark.slow
def test_statements_in_raw_tables(ground, undrawn):
    """Headers that the contract does not know, arms, sites, terms and identifiers of lesions."""
    example, payload = studies.raw(24), PAYLOADS["both"]
    for rows in example.tables.values():
        for row in rows:
            row[PAYLOADS["name"]] = PAYLOADS["text"]
    for row in example.tables["ae"]:
        row["ctcae_term"] = payload if row["ctcae_term"] == "Cough" else row["ctcae_term"]
    for row in example.tables["patient"]:
        row["site"] = payload if row["site"] == "North" else "South"
    for name in ("lesion", "lesion_measure"):
        for row in example.tables[name]:
            row["lesion_id"] = payload
    path, out = example.write(ground / "study"), ground / "results"
    before = contents(ground, out)
    everything(path, out)
    assert contents(ground, out) == before
