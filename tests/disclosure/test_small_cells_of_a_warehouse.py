"""A study in a database with a minimum cell: nothing that is printed or written tells who is few, by `init`, `check` or `run`."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from test_attacker import SMALL, told, words_of
from tests.start.test_database import stored
from tests.tiny import TinyStudy, tiny_in
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.errors import EquipoiseError
from equipoise.study import check_study

LEAST = 5
MORE = re.compile(r"(?<![\d.,<-])[1-4] (?:missing )?(?:rows?|cells?|persons?|values?|records?|dates?|subjects?)\b")


def fivefold(folder: Path) -> TinyStudy:
    """Eighty patients: three received gammacid and one is under age, who leave; two have a level of their own; one value of it is
    missing."""
    tiny = tiny_in(folder)
    for name, rows in tiny.tables.items():
        tiny.tables[name] = [{**r, "patient_id": f"{r['patient_id']}_{k}"} for k in range(LEAST) for r in rows]
    for row in tiny.tables["index_treatment"]:
        if row["patient_id"] in ("T16_0", "T16_1"):
            row["drug"] = "alfamab"
    tiny.tables["patient"][3]["age_index"] = 12
    for i in (5, 8):
        tiny.tables["observation"][i]["value"] = 2
    del tiny.tables["observation"][12]
    tiny.protocol = tiny.protocol.replace('"1": "1"}', '"1": "1", "2": "2"}')
    return tiny


def in_database(tiny: TinyStudy) -> str:
    """Its tables in a database, which the protocol names; the address."""
    tiny.write()
    address = stored(tiny.folder / "db", sorted((tiny.folder / "data").glob("*.csv")))
    where = f'minimum_cell: {LEAST}\ndata: {{connection: "{address}", schema: main}}'
    tiny.path.write_text(tiny.protocol.replace("data: {tables: data}", where), encoding="utf-8")
    return address


def small(lines: str) -> list[str]:
    return [line for line in lines.splitlines() if any(p.search(line) for p in (*SMALL, MORE))]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a study that was checked, looked at dry, and run; all that was printed."""
    tiny = fivefold(tmp_path_factory.mktemp("few"))
    in_database(tiny)
    printed = ""
    for command in (["check"], ["run", "--dry"], ["run", "--out", str(tiny.folder / "out")]):
        done = CliRunner().invoke(app, [command[0], str(tiny.path), *command[1:]])
        assert done.exit_code == 0, done.output
        printed += done.output
    return tiny.folder / "out", printed


def test_nothing_printed_tells_a_small_count(ran: tuple[Path, str]) -> None:
    printed = ran[1]
    assert "masked screened, 76 analysed" in printed and "<5 missing values" in printed
    assert small(printed) == []
    assert "80 " not in printed, "80 screened and 76 analyzed are 4 who left"
    assert printed.count("the finished files agree") == 1


def test_nothing_written_tells_a_small_count(ran: tuple[Path, str]) -> None:
    out = ran[0]
    assert told(words_of(out)) == []
    for page in (t for w, t in words_of(out) if w.endswith(".html")):
        assert not MORE.search(page), page
        assert "80 patients" not in page
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert not [r["key"] for r in rows if r["phase"] == "attrition" and "80" in (r["value"], r["n"])]
    assert not [r["key"] for r in rows if r["unit"] == "patients" and r["value"] in tuple("1234")]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {name: t["rows"] for name, t in manifest["data"].items()}["patient"] == "masked"
    assert all(isinstance(x["rows"], str) or x["rows"] >= LEAST for x in manifest["database"]["left"])


def test_steps_hold_settings_and_no_counts(ran: tuple[Path, str]) -> None:
    for file in sorted((ran[0] / "sql").iterdir()):
        assert not re.search(r"\bT\d\d_\d", file.read_text(encoding="utf-8")), file.name


def test_sentences_on_the_tables_are_masked_too(tmp_path: Path) -> None:
    """Three deaths before the index date."""
    tiny = fivefold(tmp_path)
    for i in (1, 2, 4):
        tiny.tables["followup"][i]["death_date"] = "2019-01-01"
    in_database(tiny)
    said: list[str] = []
    with pytest.raises(EquipoiseError) as found:
        check_study(tiny.path, said.append)
    lines = "\n".join([*said, *(f.sentence() for f in found.value.faults)])
    assert small(lines) == [] and "<5 " in lines


def test_init_names_no_treatment_of_few(tmp_path: Path) -> None:
    address = in_database(fivefold(tmp_path))
    out = tmp_path / "begun"
    done = CliRunner().invoke(app, ["init", address, "--schema", "main", "--out", str(out), "--no-ask", "--without", "male"])
    assert done.exit_code == 0, done.output
    written = (out / "study.yaml").read_text(encoding="utf-8")
    assert "alfamab (42), betanib (35), others of few patients" in done.output
    assert "gammacid" not in done.output + written
    assert "80" not in done.output and "80 patients" not in written
    assert "drug not in ('alfamab', 'betanib')" in written and f"minimum_cell: {LEAST}" in written
    assert "recorded in nearly all of the treated" in written
    assert small(done.output + written) == []
    asked = ["--out", str(tmp_path / "other"), "--no-ask", "--arm-is", "gammacid"]
    done = CliRunner().invoke(app, ["init", address, "--schema", "main", *asked])
    never = CliRunner().invoke(app, ["init", address, "--schema", "main", *asked[:-1], "nonsense"])
    assert done.exit_code == 2 and done.output.replace("gammacid", "nonsense") == never.output
