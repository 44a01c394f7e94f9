"""Labels are text: whatever stands in them, every page and figure is well-formed and shows it as it was written."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest
import studies

from equipoise.report.bundle import write_report
from equipoise.study import run_study

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LABELS = {
    "dollars": "cost $5 to $10 _x^2 \\frac{1}{2}",
    "markup": "<b>a</b> & b < c > d &amp; </table><script>alert(1)</script>",
    "quotes": "the \"new\" 'one' `x`",
    "sixty letters": "Hepatocellular" * 4 + "ends",
    "long words": "a very long label of many words that goes on and on " * 3,
    "hangul": "간세포암 환자의 병기와 혈관 침범",
    "templates": "{{ 7 * 7 }} {% raw %} %(x)s {0} \\n",
    "formula": "=HYPERLINK(\"http://example.org\";\"x\")",
    "line break": "one\ntwo",
}  # fmt: skip


class Page(HTMLParser):
    """Text and element names of a page; raises where elements are not closed in order."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def labelled(label: str) -> studies.Example:
    """The label in every place of a protocol that takes one, told apart where it must be."""
    example = studies.sheet(60)
    asked = example.protocol
    asked["study"] |= {"title": label, "disease": label, "population": label, "notice": label}
    for key, arm in asked["arms"]["groups"].items():
        arm["label"] = f"{label} {key}"
    for covariate in asked["covariates"].values():
        covariate["label"] = label
        if "levels" in covariate:
            covariate["levels"] = {key: f"{label} {key}" for key in covariate["levels"]}
    asked["endpoints"]["os"] |= {"label": label, "short": label[:20], "event_label": label}
    levels = asked["subgroups"]["by_age"]["levels"]
    asked["subgroups"]["by_age"] = {"label": label, "levels": dict(zip((label, label + " 2"), levels.values(), strict=True))}
    reason = {"reason": label, "where": "age < 45"}
    asked["eligibility"] = {"start": label, "steps": [{"label": label, "exclude": [reason]}]}
    return example


def well_formed(out: Path) -> None:
    """Pages close what they open, figures are XML, tables have as many cells as their header, nothing begins a formula."""
    for file in out.glob("*.html"):
        Page(file.read_text(encoding="utf-8"))
    figures = list((out / "figures").glob("*.svg"))
    assert figures
    for file in figures:
        assert ElementTree.fromstring(file.read_bytes()).tag.endswith("svg"), file.name
    tables = [*(out / "tables").glob("*.csv"), out / "results.csv"]
    for file in tables:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert {len(row) for row in rows if row} == {len(rows[0])}, file.name
        formulas = [c for row in rows for c in row if c[:1] in ("=", "@", "\t", "\r") or (c[:1] in "+-" and c[1:2].isalpha())]
        assert not formulas, (file.name, formulas[:3])


def written(example: studies.Example, folder: Path) -> Path:
    return write_report(run_study(example.write(folder)), folder / "out")


def drawn(label: str, folder: Path) -> Path:
    out = written(labelled(label), folder)
    well_formed(out)
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert " ".join(label.split())[:40] in page.text
    assert "script" not in page.elements or "<script" not in label
    return out


@pytest.mark.slow
def test_labels_drawn(tmp_path):
    drawn('$a_1$ < "b" & <i>c</i> 약', tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LABELS)
def test_every_kind_of_label_drawn(tmp_path, kind):
    drawn(LABELS[kind], tmp_path)


@pytest.mark.parametrize("kind", ["formula"])
def test_labels_of_a_kind(tmp_path, undrawn, kind):
    drawn(LABELS[kind], tmp_path)


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\x07", "\x0b", "\ud800", "\ufffe"])
def test_control_signs_are_refused_or_left_out(tmp_path, sign):
    """XML has no way to write them: a sentence, or a figure without the sign."""
    from equipoise.errors import EquipoiseError

    example = studies.one_arm(30)
    path = example.write(tmp_path)
    escaped = f"\\u{ord(sign):04x}"
    text = path.read_text(encoding="utf-8").replace("label: Age, years", f'label: "Age{escaped}, years"')
    path.write_text(text, encoding="utf-8")
    try:
        study = run_study(path)
    except EquipoiseError as error:
        assert "study.yaml:" in str(error)
    else:
        write_report(study, tmp_path / "out")
        well_formed(tmp_path / "out")


@pytest.mark.slow
def test_labels_of_raw_tables_drawn(tmp_path):
    example = studies.raw()
    label = "<i>&</i> $x$ 약"
    asked = example.protocol
    asked["study"]["title"] = label
    for kind in ("arms", "covariates", "endpoints"):
        for key, part in (asked[kind]["groups"] if kind == "arms" else asked[kind]).items():
            part["label"] = f"{label} {key}"
    asked["index"]["label"] = label
    for row in example.tables["ae"]:
        row["ctcae_term"] = {"Cough": label, "Fatigue": "=cmd()"}.get(row["ctcae_term"], row["ctcae_term"])
    for row in example.tables["patient"]:
        row["site"] = f"{label} {row['site']}"
    well_formed(written(example, tmp_path))
