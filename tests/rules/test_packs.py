"""Rule packs: the ones that ship give their papers' vectors, a study's own works from its folder and can do nothing else."""

from __future__ import annotations

import pytest
import yaml
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.data.sources import read_sources
from equipoise.derive import derive_covariates
from equipoise.derive.vectors import vector_faults
from equipoise.errors import DataError, ProtocolError
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.baseline_columns import baseline_columns, core_columns
from equipoise.protocol.load import load_protocol
from equipoise.report.narrative.study_design import packs
from equipoise.study import check_study, run_study

LAB = "patient_id | day | analyte | value | unit | lln | uln\n"


def baseline_rows(draw, patients: str, tables: dict, columns: str, **given) -> list[tuple]:
    study = draw(patients, tables, **given)
    derive_covariates(study.protocol, study.sources, study.cohort)
    return study.rows(f"select {columns} from baseline order by patient_id")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_vector_of_a_shipped_pack(name):
    """Each with its source in the pack's own file."""
    assert vector_faults((shipped(name),)) == []


def test_a_wrong_vector_is_found():
    pack = shipped("lung")
    wrong = [v.model_copy(update={"gives": {"lipi_group": "poor"}}) for v in pack.vectors[:1]]
    (fault,) = vector_faults((pack.model_copy(update={"vectors": wrong}),))
    assert "vector 1" in fault.message and "lipi_group is good, not poor" in fault.message


@pytest.mark.parametrize("packs", [["liver"], [], ["renal", "lung"], ["lung", "liver"]])
def test_the_columns_known_to_the_protocol_are_those_of_the_baseline(draw, packs):
    study = draw("P1", {}, packs=packs)
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.engine.columns("baseline")
    core = core_columns(study.protocol.contract)
    assert set(found) == set(baseline_columns(study.protocol.contract, study.protocol.rule_packs))
    assert {c: found[c].lower() for c in core} == core


def test_imdc_from_the_tables_in_other_units(draw):
    """P1: Karnofsky 70, Hb 7 mmol/L below its limit 8.1, calcium 2.7 mmol/L above 2.6: three factors, poor.
    P2: nothing measured but the performance status: undecided. P3: 0 factors, calcium corrected here: 9.6 + 0.8 (4 - 3.5)."""
    labs = (
        LAB
        + """P1 | -3 | Hb | 7 | mmol/L | 8.1 | 10.9
        P1 | -3 | calcium | 2.7 | mmol/L | 2.2 | 2.6
        P1 | -3 | albumin | 40 | g/L | |
        P1 | -3 | ANC | 4000 | /uL | 1800 | 7500
        P1 | -3 | platelets | 250 | 10^9/L | 150 | 400
        P3 | -3 | Hb | 140 | g/L | 130 | 170
        P3 | -3 | calcium | 9.6 | mg/dL | 8.5 | 10.2
        P3 | -3 | albumin | 3.5 | g/dL | |
        P3 | -3 | ANC | 4 | 10^9/L | 1.8 | 7.5
        P3 | -3 | platelets | 250 | 10^9/L | 150 | 400"""
    )
    seen = "patient_id | day | item | value\nP1 | -2 | karnofsky | 70\nP2 | -2 | ecog | 2\nP3 | -2 | ecog | 0"
    patient = "patient_id|site|sex|age_index|diagnosis_date\nP1|x|M|60|2020-01-01\nP2|x|M|60|\nP3|x|M|60|2020-01-01"
    tables = {"lab": labs, "observation": seen, "patient": patient}
    columns = "imdc_low, imdc_high, imdc_risk, round(imdc_calcium, 3)"
    found = baseline_rows(draw, "P1 P2 P3", tables, columns, packs=["renal"])
    assert found == [(3, 3, "poor", 10.822), (1, 6, None, None), (0, 0, "favorable", 10.0)]


def test_lipi_beside_the_liver_pack(draw):
    labs = LAB + "P1|-3|leukocytes|8|10^9/L||\nP1|-3|ANC|6.1|10^9/L||\nP1|-3|LDH|5|ukat/L||4.2"
    found = baseline_rows(draw, "P1", {"lab": labs}, "lipi, lipi_group, lipi_ldh, bclc", packs=["liver", "lung"])
    assert found == [(2, "poor", 300.0, None)]


def test_without_the_liver_pack_there_is_no_child_pugh(draw):
    with pytest.raises(ProtocolError, match="unknown column 'child_pugh_class'"):
        covariate = {"label": "x", "kind": "continuous", "from": "child_pugh_class"}
        baseline_rows(draw, "P1", {}, "1", packs=["lung"], covariates={"x": covariate, "age": covariate | {"from": "age_index"}})


OWN = """\
title: Prognostic nutritional index
tumour: gastric cancer
citations: ["Onodera et al., Nihon Geka Gakkai Zasshi 1984;85:1001"]
inputs:
  alb: {analyte: albumin, unit: g/L}
  lymph: {analyte: lymphocytes, unit: 10^9/L}
  ca724: {analyte: CA 72-4, unit: U/mL, units: {kU/L: 1}, believable: [0, 100000], window: tumour_markers}
  lauren: {item: lauren, words: [intestinal, diffuse, mixed], window: tumour}
columns:
  pni: {is: "alb + 5 * lymph", note: "10 x albumin in g/dL + 0.005 x lymphocytes per mm3"}
  pni_low: {is: pni < 45}
  marker: {is: case when ca724 > ca724_uln then 'raised' when ca724 <= ca724_uln then 'normal' end}
  diffuse: {is: lauren = 'diffuse'}
vectors:
  - {source: "by hand: 10 x 4 + 0.005 x 1500", given: {alb: 40, lymph: 1.5}, gives: {pni: 47.5, pni_low: "false"}}
  - {source: "by hand", given: {ca724: 7, ca724_uln: 6.9, lauren: diffuse}, gives: {marker: raised, diffuse: "true", pni: null}}
"""


@pytest.fixture
def own(tiny):
    """The tiny study with a pack of its own, `nutrition`, and two rows that only the pack knows."""
    tiny.protocol = tiny.protocol.replace("covariates:\n", "packs: [nutrition]\ncovariates:\n", 1).replace(
        "  female:",
        "  pni: {label: PNI, kind: continuous, from: pni}\n  diffuse: {label: Diffuse, kind: binary, from: diffuse}\n  female:",
    )
    labs = []
    for i, row in enumerate(tiny.tables["index_treatment"]):
        day = {"patient_id": row["patient_id"], "date": row["index_date"], "comparator": "", "lln": ""}
        labs += [
            day | {"analyte": "albumin", "value": 36 + i % 5, "unit": "g/L", "uln": ""},
            day | {"analyte": "lymphocytes", "value": 1500, "unit": "/uL", "uln": ""},
            day | {"analyte": "CA 72-4", "value": 7, "unit": "kU/L", "uln": 6.9},
        ]
        seen = {
            "patient_id": row["patient_id"],
            "date": row["index_date"],
            "item": "lauren",
            "value": ["Diffuse", "mixed"][i % 2],
        }
        tiny.tables["observation"].append(seen)
    tiny.tables["lab"] = labs
    folder = tiny.folder / "packs" / "nutrition"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(OWN, encoding="utf-8")
    tiny.write()
    return tiny


def change(own, old: str, new: str) -> None:
    path = own.folder / "packs" / "nutrition" / "pack.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_studys_own_pack_runs_without_touching_the_package(own):
    study = run_study(own.path)
    assert study.covariates.values["pni"][:3].tolist() == [36 + 7.5, 37 + 7.5, 38 + 7.5]
    assert study.covariates.values["diffuse"][:2].tolist() == [1, 0]
    rows = study.sources.engine.rows("select distinct marker, ca724 from baseline")
    assert rows == [("raised", 7.0)]
    (said,) = packs(_Numbers(study))
    assert said.startswith("A rule pack of this study was used for prognostic nutritional index: Onodera")


class _Numbers:
    def __init__(self, study):
        self.protocol = study.protocol


def test_check_runs_the_vectors_of_the_pack(own):
    said: list[str] = []
    check_study(own.path, said.append)
    assert "pack        nutrition (the study's own): Prognostic nutritional index; 2 test vectors agree" in said
    change(own, "pni: 47.5", "pni: 47.6")
    result = CliRunner().invoke(app, ["check", str(own.path)])
    assert result.exit_code == 2
    assert "packs/nutrition/pack.yaml: vector 1 (by hand: 10 x 4 + 0.005 x 1500): pni is 47.5, not 47.6" in result.output
    with pytest.raises(ProtocolError, match="vector 1"):
        run_study(own.path)


def test_the_units_of_a_pack_are_checked(own):
    own.tables["lab"][2]["unit"] = "furlong"
    own.tables["lab"][5]["value"] = 1_000_000
    own.write()
    with pytest.raises(DataError) as refused:
        read_sources(load_protocol(own.path))
    said = str(refused.value)
    assert "the unit of CA 72-4 is not known (1 row). Known for CA 72-4: U/mL, ku/l" in said
    assert "CA 72-4 in kU/L is impossible here: above 100000 U/mL" in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('is: "alb + 5 * lymph"', "is: \"(select count(*) from read_csv('/etc/passwd'))\"", "sub-query"),
        ('is: "alb + 5 * lymph"', "is: \"read_text('/etc/passwd')\"", "calls"),
        ('is: "alb + 5 * lymph"', 'is: "alb; drop table lab"', "holds ';' or a comment"),
        ('is: "alb + 5 * lymph"', "is: \"getenv('HOME')\"", "calls getenv()"),
        ("columns:\n", "relations: {pni_sql: {file: ../../../secret.sql}}\ncolumns:\n", "no SQL"),
        ('is: "alb + 5 * lymph"', "relation: patient", "no SQL"),
        ("item: lauren", "item: \"x' or '1'='1\"", "inputs.lauren.item"),
        ("is: pni < 45", "is: pnii < 45", "unknown column 'pnii'; did you mean 'pni'?"),
        ("  pni_low:", "  alb:", "'alb' is a column already"),
        ("  pni_low:", "  ecog:", "'ecog' is a column already"),
        ("unit: g/L}", "unit: g/L, units: {mg/L: 1}}", "the units of albumin are known"),
        ("alb: 40,", "albu: 40,", "'albu' is no column that this pack knows; did you mean 'alb'?"),
        ("citations:", "citation:", "did you mean 'citations'?"),
    ],
)  # fmt: skip
def test_a_strangers_pack_is_refused_with_its_line(own, old, new, message):
    change(own, old, new)
    with pytest.raises(ProtocolError) as refused:
        load_protocol(own.path)
    assert message in str(refused.value)
    assert "packs/nutrition/pack.yaml:" in str(refused.value)


def test_a_pack_is_found_by_name_and_never_by_path(own, tmp_path_factory):
    for name in ("../secret", "/etc/passwd", "nutrition/pack.yaml"):
        own.path.write_text(own.protocol.replace("packs: [nutrition]", f"packs: ['{name}']"), encoding="utf-8")
        with pytest.raises(ProtocolError, match="a name starts with a small letter"):
            load_protocol(own.path)
    outside = tmp_path_factory.mktemp("outside")
    (outside / "pack.yaml").write_text(OWN, encoding="utf-8")
    (own.folder / "packs" / "linked").symlink_to(outside)
    own.path.write_text(own.protocol.replace("packs: [nutrition]", "packs: [linked]"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="there is no pack 'linked'"):
        load_protocol(own.path)
    own.path.write_text(own.protocol.replace("packs: [nutrition]", "packs: [nutrition, livr, nutrition]"), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        load_protocol(own.path)
    assert "did you mean 'liver'?" in str(refused.value) and "stands twice" in str(refused.value)


def test_a_pack_on_a_spreadsheet(tmp_path):
    """LIPI and a limit of normal from a number, another from a column: 7 / (9 - 7) = 3.5 and 400 above 250; 4 / 5 and 200."""
    sheet = "id,arm,age,wbc,anc,ldh,top,days,dead\n1,a,60,9,7,400,250,100,1\n2,b,60,9,4,200,250,100,1\n3,b,61,,4,300,,90,0\n"
    sheet += "4,a,62,9,4,200,250,80,1\n5,a,59,9,4,200,250,70,0\n6,b,58,9,4,200,250,60,1\n"
    (tmp_path / "sheet.csv").write_text(sheet, encoding="utf-8")
    plain = {
        "study": {"id": "sheet", "title": "A sheet", "disease": "any", "population": "drawn"},
        "data": {"rows": "sheet.csv", "patient": "id"},
        "arms": {"column": "arm", "groups": {k: {"label": k, "value": k} for k in "ab"}, "reference": "a", "focal": "a"},
        "packs": ["lung"],
        "measurements": {
            "leukocytes": {"column": "wbc", "unit": "10^9/L"}, "ANC": {"column": "anc", "unit": "10^9/L"},
            "LDH": {"column": "ldh", "unit": "U/L", "uln": "top"},
        },
        "covariates": {
            "age": {"label": "Age", "kind": "continuous", "from": "age"},
            "lipi": {"label": "LIPI", "kind": "continuous", "from": "lipi"},
        },
        "endpoints": {
            "os": {"label": "OS", "short": "OS", "event_label": "Death", "time": {"column": "days"}, "event": "dead = 1"}
        },
        "design": "none",
    }  # fmt: skip
    path = tmp_path / "study.yaml"
    said: list[str] = []
    for top, expected in (("top", [2, 0, None, 0, 0, 0]), ("150", [2, 1, None, 1, 1, 1])):
        plain["measurements"]["LDH"]["uln"] = top
        path.write_text(yaml.safe_dump(plain), encoding="utf-8")
        sources = check_study(path, said.append)
        values = sources.engine.rows("select lipi from covariate order by patient_id")
        assert [None if v is None else int(v) for (v,) in values] == expected, top
    plain["measurements"]["LDH"]["uln"] = "tpo"
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    with pytest.raises(DataError, match="uln is neither a number nor a column"):
        check_study(path)
