"""Small cells of whole studies: nothing that a run wrote or said tells a count below the minimum, nor can one be computed."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from attacker import Attack, number, rows_of
from tests.conftest import blank
from tests.sheet import Sheet

from equipoise.audit.audit import audit_folder
from equipoise.audit.web import read_html
from equipoise.audit.word import read_docx
from equipoise.disclosure.again import masked_effects
from equipoise.disclosure.mask import masked_study
from equipoise.errors import EquipoiseError
from equipoise.multiverse import run_multiverse
from equipoise.protocol.specifications import Specification
from equipoise.records import Study
from equipoise.records.multiverse import Effect
from equipoise.records.simulation import Asked
from equipoise.report.bundle import write_report
from equipoise.report.pages.multiverse import write_multiverse
from equipoise.report.pages.sensitivity import write_sensitivity
from equipoise.report.pages.simulation import write_simulation
from equipoise.report.rows import results_csv
from equipoise.reproduce.write import export_study
from equipoise.simulation import run_simulation
from equipoise.study import run_study

LEAST = 5
WHO = r"(?:patients?|events?|pairs?|deaths?|responders?|partners?)"
SMALL = [
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d.,<\u2013-])[1-4]\s?{WHO}\b",  # 3 patients
        rf"(?<![\d.,<\u2013-])[1-4] of (?:the )?[\d,]+ {WHO}\b",  # 3 of 40 patients
        r"(?<![\d.,<\u2013/-])[1-4] (?:had|could|did|were|was)\b",  # 4 had no partner
        r"(?<![\d./])[1-4]/\d+(?![\d.])",  # 3/40
        r"^[1-4] \([\d.]+\)$",  # 3 (7.5)
        r"\b(?:only one|a single) patient\b",
    )
]
# The sizes of the arms in each design are always shown (docs/protocol.md), and with them how many a design lost of an arm.
SIZES = re.compile(r"^lost\.lost\.\w+\.all\.\w+\.n$")


def masked(study: Study, folder: Path) -> Path:
    asked = study.protocol.model_copy(update={"minimum_cell": LEAST})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", blank)
        hidden = masked_study(replace(study, protocol=asked))
        write_report(hidden, folder / "out", formats=("html", "docx"))
    (folder / "true.csv").write_text(results_csv(study.estimates, study.protocol), encoding="utf-8")
    return folder


def few(folder: Path, name: str) -> Sheet:
    """A spreadsheet of sixty patients in which levels, events and subgroups are small."""
    sheet = Sheet(folder)
    if name == "rare":  # a level that few have, and an arm with few events
        sheet.columns["stage"] = [s if i % 3 else "I" for i, s in enumerate(sheet.columns["stage"])]
        sheet.columns["stage"] = [
            "III" if i in (4, 17, 31) else "II" if s == "III" else s for i, s in enumerate(sheet.columns["stage"])
        ]
        sheet.columns["dead"] = [d if a == "B" or i % 7 == 0 else 0 for i, (d, a) in enumerate(
            zip(sheet.columns["dead"], sheet.columns["arm"], strict=True))]  # fmt: skip
    if name == "small arm":  # nobody left before, so that the size of all patients stands in every row of theirs
        sheet.columns["arm"] = ["A" if i in (4, 17, 31) else "B" for i in range(len(sheet.columns["arm"]))]
    if name == "missing":
        sheet.columns["age"] = ["" if i % 17 == 0 else age for i, age in enumerate(sheet.columns["age"])]
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.2}
    sheet.protocol["subgroups"] = {"old": {"label": "Age group", "levels": {"<75": "age < 75", "\u226575": "age >= 75"}}}
    return sheet


@pytest.fixture(scope="module")
def founding_masked(repository: Path, tmp_path_factory) -> Path:
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    return masked(study, tmp_path_factory.mktemp("founding"))


def nothing_follows(folder: Path) -> None:
    attack = Attack(rows_of(folder / "true.csv"), rows_of(folder / "out" / "results.csv"), LEAST)
    hidden = [n for n in attack.exact if n not in attack.shown and 0 < attack.exact[n] < LEAST]
    assert hidden and attack.sums(), "nothing small was there to attack"
    told = [n for n, value in attack.shown.items() if 0 < value < LEAST and n[9] not in ("of", "rows")]
    assert not told
    found = [(".".join(w for w in n if w), *ends) for n, *ends in attack.determined()]
    assert [f for f in found if not SIZES.match(f[0])] == []


def words_of(folder: Path) -> Iterator[tuple[str, str]]:
    """File and text of everything that a reader finds in an output folder."""
    for path in sorted([*folder.glob("*.html"), *folder.glob("*.docx")]):
        page = read_html(path) if path.suffix == ".html" else read_docx(path)
        for paragraph in page.paragraphs:
            yield path.name, paragraph.text
        for figure in page.figures:
            yield path.name, figure.words
        for table in page.tables:
            yield path.name, table.below
            for column, row in ((c, r) for r in table.rows() for c in r.cells):
                if path.name != "comparison.html" or table.columns()[column] == "Obtained":
                    yield f"{path.name} {table.number} {row.label}", row.cells[column].text
    for name in ("log.txt", "README.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            yield name, line


def told(words: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(where, said) for where, said in words if any(p.search(said) for p in SMALL)]


@pytest.mark.slow
def test_nothing_small_follows_from_the_results_of_the_founding_study(founding_masked: Path):
    nothing_follows(founding_masked)


@pytest.mark.slow
def test_no_page_of_the_founding_study_tells_a_small_count(founding_masked: Path):
    assert told(words_of(founding_masked / "out")) == []
    assert [f.sentence() for f in audit_folder(founding_masked / "out")] == []


@pytest.mark.slow
def test_a_comparison_does_not_judge_what_is_masked(founding_masked: Path):
    page = read_html(founding_masked / "out" / "comparison.html")
    rows = [(r, t.columns()) for t in page.tables for r in t.rows() if "Verdict" in t.columns()]
    hidden = [r.cells[c.index("Verdict")].text for r, c in rows if r.cells[c.index("Obtained")].text in ("<5", "masked")]
    assert len(hidden) > 100 and set(hidden) == {"not judged"}


@pytest.mark.parametrize("name", ["plain", "rare", "missing", "small arm"])
def test_nothing_small_follows_from_a_spreadsheet(name: str, tmp_path: Path):
    folder = masked(run_study(few(tmp_path / "study", name).write()), tmp_path)
    nothing_follows(folder)
    seen = rows_of(folder / "out" / "results.csv").values()
    assert [r["key"] for r in seen if any(0 < number(r[c]) < LEAST for c in ("n", "events"))] == []
    if name == "small arm":  # of 60 patients 57 have the other treatment
        assert [r["key"] for r in seen if {r["n"], r["value"]} & {"60", "6"} and r["group"] not in ("a", "b")] == []
    assert told(words_of(folder / "out")) == []
    assert [f.sentence() for f in audit_folder(folder / "out")] == []


def pages_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Cells and sentences of the pages of a folder, and the cells of its csv files."""
    for path in folder.glob("*.html"):
        page = read_html(path)
        yield from ((path.name, p.text) for p in page.paragraphs)
        yield from ((f"{path.name} {r.label}", c.text) for t in page.tables for r in t.rows() for c in r.cells.values())


def small_counts(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Of a csv with a row per specification, design or result: counts that are shown and lie below the minimum."""
    counts = ("n", "pairs", "events")
    return [(c, r[c]) for r in rows for c in counts if r.get(c) and 0 < float(r[c]) < LEAST]


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_what_is_made_again_and_again_tells_no_small_count(tmp_path: Path):
    """He also reads multiverse, simulation and sensitivity bundle."""
    sheet = few(tmp_path, "rare")
    sheet.columns["dead"] = [int(i in (3, 9, 21, 30, 44, 50)) for i in range(60)]
    sheet.protocol["restrict"] = {"most": {"label": "All but the oldest", "where": "age < 79"}}
    sheet.protocol["multiverse"] = {"caliper": [0.2], "restrict": ["all", "most"]}
    path = sheet.write()
    open_protocol, shown = run_multiverse(path, processes=1)
    sheet.protocol["minimum_cell"] = LEAST
    protocol, hidden = run_multiverse(sheet.write(), processes=1)
    write_multiverse(open_protocol, shown, tmp_path / "open")
    write_multiverse(protocol, hidden, tmp_path / "multiverse")
    whole, part = (csv_rows(tmp_path / name / "multiverse.csv") for name in ("open", "multiverse"))
    assert small_counts(whole), "something is there to hide"
    assert small_counts(part) == [] and all(r["why_not"].startswith("masked") for r in part if not r["n"])
    counts = [int(c) for w, c in pages_of(tmp_path / "multiverse") if "matched" not in w and re.fullmatch(r"\d+", c)]
    assert told(pages_of(tmp_path / "multiverse")) == [] and counts

    found = run_simulation(sheet.path, Asked(replicates=4, median=9000.0, follow_up=(300.0, 400.0)), processes=1)
    write_simulation(*found, tmp_path / "simulation")
    assert small_counts(csv_rows(tmp_path / "simulation" / "simulation.csv")) == []

    study = run_study(sheet.path, bundle=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", blank)
        write_sensitivity(study, tmp_path / "sensitivity")
    assert small_counts(csv_rows(tmp_path / "sensitivity" / "sensitivity.csv")) == []
    assert told(pages_of(tmp_path / "sensitivity")) == []


@pytest.mark.parametrize(
    ("all_patients", "some", "hidden"),
    [
        ((60, 20), (40, 12), []),
        ((60, 20), (57, 12), ["most"]),  # three are not in the population
        ((60, 20), (40, 17), ["most"]),  # three events are not
        ((60, 4), (40, 4), ["all", "most"]),
        ((60, 57), (40, 30), ["all"]),  # three had no event
        ((60, 20), (40, 20), []),
    ],
)
def test_an_effect_is_masked_where_its_counts_or_those_left_out_are_few(all_patients, some, hidden):
    grid = [Specification({"endpoint": "os", "restrict": p}, None, "os", p, False) for p in ("all", "most")]
    found = masked_effects(grid, [Effect(n, events=e, hr=0.8) for n, e in (all_patients, some)], LEAST)
    assert [one.population for one, e in zip(grid, found, strict=True) if e.why] == hidden
    assert all(math.isnan(e.hr) == math.isnan(e.n) == bool(e.why) for e in found)
    assert masked_effects(grid, [Effect(2)] * 2, None) == (Effect(2),) * 2


def test_no_line_on_the_screen_tells_a_small_count(tmp_path: Path):
    sheet = few(tmp_path, "plain")
    sheet.columns["dead"] = [int(i in (3, 9, 21)) for i in range(60)]
    sheet.protocol["minimum_cell"] = LEAST
    sheet.protocol["cox"] = {}
    lines: list[str] = []
    study = run_study(sheet.write(), lines.append)
    assert "outcomes    OS <5 events" in lines
    assert told(("screen", line) for line in lines) == []
    with pytest.raises(EquipoiseError, match="an export holds every patient"):
        export_study(study, tmp_path / "export", "r")
    assert not (tmp_path / "export").exists()
    assert export_study(study, tmp_path / "export", "r", with_patient_rows=True).is_file()
