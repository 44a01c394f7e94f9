"""The study plan: written from the protocol alone, its sections those of HARPER, its words those of the protocol."""

import hashlib
import shutil

import pytest
import yaml
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.document.model import Table, runs_of, table_csv
from equipoise.protocol.load import load_protocol
from equipoise.report.pages.plan import plan_document
from sheet import Sheet

SECTIONS = [
    "Title page", "Amendments and milestones", "Rationale and background", "Research question and objectives", "Study design",
    "Setting and eligibility", "Variables", "Data analysis", "Study size", "Data sources", "Data management and quality control",
    "Limitations", "Protection of human subjects", "Reporting of adverse events", "References",
]  # fmt: skip


def told(document):
    said = " ".join("".join(r.text for r in runs_of(b)) for b in document.blocks() if not isinstance(b, Table))
    return said + "\n" + "\n".join(table_csv(t) for t in document.tables())


@pytest.fixture
def alone(repository, tmp_path):
    """The founding study's protocol without its data."""
    shutil.copy(repository / "src" / "equipoise" / "founding" / "study.yaml", tmp_path)
    return tmp_path / "study.yaml"


def test_a_plan_is_written_where_there_are_no_data(alone, undrawn):
    outcome = CliRunner().invoke(app, ["protocol", str(alone), "--formats", "html,docx"])
    assert outcome.exit_code == 0, outcome.output
    assert sorted(p.name for p in alone.parent.iterdir()) == ["study-plan.docx", "study-plan.html", "study.yaml"]
    first = hashlib.sha256((alone.parent / "study-plan.docx").read_bytes()).digest()
    assert CliRunner().invoke(app, ["protocol", str(alone), "--formats", "docx"]).exit_code == 0
    assert hashlib.sha256((alone.parent / "study-plan.docx").read_bytes()).digest() == first


def test_a_plan_into_which_authors_wrote_is_left_as_it_is(alone, undrawn):
    (alone.parent / "study-plan.html").write_text("ours", encoding="utf-8")
    outcome = CliRunner().invoke(app, ["protocol", str(alone)])
    assert outcome.exit_code == 2 and "is there already and says something else" in outcome.output
    assert (alone.parent / "study-plan.html").read_text(encoding="utf-8") == "ours"
    outcome = CliRunner().invoke(app, ["protocol", str(alone), "--formats", "tiff"])
    assert outcome.exit_code == 2 and "a plan is written as html, docx, pdf" in outcome.output


def test_its_sections_are_those_of_the_template(alone, undrawn):
    document = plan_document(load_protocol(alone))
    assert [s.title for s in document.sections] == SECTIONS
    said = told(document)
    for words in (
        "The objective is to compare lenvatinib and sorafenib",
        "Time zero is the first dose of second-line treatment, from 1 May 2020 to 31 December 2022",
        "Died on first-line treatment",
        "imaging \u221228 to 0",
        "sorafenib vs lenvatinib, from Cox models (Efron ties)",
        "Another propensity score: extrahepatic and lymph node metastasis as two variables",
        '"nearest, ratio 1, caliper 0.2 SD of the logit, without replacement"',
        "complete cases are analyzed",
    ):
        assert words in said, words
    assert [f.name for f in document.figures()] == ["figure_design_diagram"]


def test_what_a_protocol_declares_is_told_and_what_it_does_not_is_left_to_the_authors(tmp_path, undrawn):
    sheet = Sheet(tmp_path)
    sheet.protocol["study"] |= {"title": "<b> & 100 %", "metadata": {"Ethics": "IRB 7", "Authors": "Ann Lee (Clinic)"}}
    sheet.protocol |= {
        "power": {"median": {"os": 300}, "follow_up": [180, 900], "lost_per_year": 0.1, "hazard_ratio": 0.7},
        "propensity": ["age", "vi"], "missing": {"impute": {"imputations": 7}}, "primary": "ate", "minimum_cell": 5,
        "designs": {"ate": {"kind": "weights", "target": "ate", "truncate": 0.95}, "classes": {"kind": "strata"}},
        "stop_if": {"smd_above": 0.2}, "rmst": {"horizon": 365}, "restrict": {"old": {"label": "Older", "where": "age > 60"}},
        "sensitivity": {"bundle": True, "confounder": None, "negative_control": "os"},
        "target_trial": dict.fromkeys(
            ("eligibility", "strategies", "assignment", "follow_up", "outcomes", "contrast", "assumptions", "analysis"), "as said"
        ),
    }  # fmt: skip
    del sheet.protocol["design"]
    sheet.protocol["sensitivity"] = {"bundle": ["designs", "unmeasured"]}
    path = sheet.write()
    (tmp_path / "d.csv").unlink()
    document = plan_document(load_protocol(path))
    said = told(document)
    for words in (
        "median overall survival of 300 days with beta, and follow-up of 180 to 900 days, 10% of the patients lost per year",
        "a hazard ratio of 0.7 with a power of 80%",
        "imputed 7 times",
        "a standardized difference is above 0.2",
        "up to 365 days (OS)",
        "weights truncated at their 0.95 quantile",
        "Another design: Stratified",
        "Restricted population: Older",
        "E-values and bounds",
        "Counts from 1 to 4 are to be masked",
        "IRB 7",
        "Ann Lee",
        "As said",
    ):
        assert words in said, words
    assert "hypothesis and, where one is wanted" in said and "study size:" not in said
    assert "<b> & 100 %" in document.title


def test_one_arm_is_described(repository, tmp_path, undrawn):
    sheet = Sheet(tmp_path)
    sheet.protocol["arms"] = {"groups": {"everybody": {"label": "Everybody"}}}
    del sheet.protocol["design"]
    sheet.protocol["cox"] = {}
    said = told(plan_document(load_protocol(sheet.write())))
    assert "to describe everybody in invented patients" in said and "hazard ratio" not in said


def test_every_study_of_the_repository_has_a_plan(repository, undrawn):
    for path in (repository / "examples" / "gbsg2" / "study.yaml", repository / "src" / "equipoise" / "founding" / "rows.yaml"):
        asked = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert asked["study"]["title"] in plan_document(load_protocol(path)).title
