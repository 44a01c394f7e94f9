"""From a number of a table to its row of the results, its method and the SQL of its input."""

import csv
import html
import re

import pytest

from equipoise.document.html import render_html
from equipoise.document.model import Cell, Document, Section, Table, TableRow, runs_of, text
from equipoise.records import Masked, Row
from equipoise.report.assemble import report_document
from equipoise.report.pages.numbers import RELATIONS, keys_of, linked, numbers_document
from equipoise.report.rows import results_csv
from equipoise.report.tables.cells import printed
from equipoise.study import run_study

SHOWN = re.compile(r"[0-9]")
UNLINKED = {  # tables of text, of files and settings, or of what is no row of the results
    "table_estimand", "table_inputs", "table_events", "table_settings", "table_roles", "table_fitness", "table_products",
    "table_diagnostics", "table_published",
}  # fmt: skip


def of_numbers(report):
    return [t for t in report.tables() if t.name not in UNLINKED and not t.name.startswith("table_checklist")]


@pytest.mark.parametrize("study", ["founding", "spreadsheet", "one_arm"])
def test_the_numbers_of_the_tables_bear_their_keys(reports, study):
    cells = [c for t in of_numbers(reports[study]) for row in t.body for c in row.cells[1:] if SHOWN.search(c.text)]
    without = {(t.name, c.text) for t in of_numbers(reports[study]) for r in t.body for c in r.cells[1:] if not c.keys}
    bare = [c for c in cells if not c.keys]
    assert len(cells) > 60 and len(bare) <= 0.05 * len(cells), sorted(w for w in without if SHOWN.search(w[1]))[:40]


@pytest.mark.parametrize("study", ["founding", "spreadsheet", "one_arm"])
def test_every_key_is_that_of_a_row(reports, study, request):
    assert keys_of([reports[study]]) <= set(request.getfixturevalue(study).estimates.rows)


def test_the_number_of_a_cell_is_that_of_its_row(reports, founding):
    """Counts, percentages and hazard ratios read back from the words of the cells."""
    checked = 0
    for table in of_numbers(reports["founding"]):
        for cell in (c for row in table.body for c in row.cells if c.keys):
            row = founding.estimates[cell.keys[0]]
            first = re.match(r"\u2212?[0-9][0-9,]*(\.[0-9]+)?", cell.text)
            if first is None or row.statistic not in ("hr", "p", "n", "smd", "percent"):
                continue
            said = float(first.group().replace(",", "").replace("\u2212", "-"))
            digits = len(first.group(1) or ".") - 1
            known = [abs(v) for v in (row.value, row.events, row.n)]
            assert any(abs(abs(said) - v) <= 0.5001 * 10**-digits for v in known), (table.name, cell.text, row.key)
            checked += 1
    assert checked > 500


def test_an_interval_of_a_sentence_leads_to_its_row(reports, founding):
    """Only where the tables print it for one result: both limits, read back, are those of the row."""
    before, after = reports["founding"], linked(reports["founding"], {})
    for old, new in zip(before.blocks(), after.blocks(), strict=True):
        assert "".join(r.text for r in runs_of(old)) == "".join(r.text for r in runs_of(new))
    links = [r for b in after.blocks() for r in runs_of(b) if r.href.startswith("numbers.html#")]
    assert len(links) > 40
    hazards = [r for r in links if r.href.endswith(".hr")]
    assert len(hazards) > 10
    for run in hazards:
        row = founding.estimates[run.href.partition("#")[2]]
        said = [float(x) for x in re.findall(r"[0-9]+\.[0-9]+", run.text)]
        assert said[-2:] == pytest.approx([row.low, row.high], abs=0.006)


def test_a_p_of_a_sentence_leads_to_the_test_of_the_effect_before_it(reports, founding):
    links = [r for b in linked(reports["founding"], {}).blocks() for r in runs_of(b) if r.href.endswith(".p")]
    assert len(links) > 8 and len({r.href for r in links}) > 6
    for run in links:
        sign, said = re.fullmatch(r"[Pp]\s?([=<>])\s?([0-9.]+)", run.text).groups()
        exact = founding.estimates[run.href.partition("#")[2]].value
        assert exact < float(said) if sign == "<" else exact == pytest.approx(float(said), abs=0.0006)


@pytest.mark.parametrize(
    ("key", "said", "leads"),
    [
        ("a.os.x.cox.p", "HR 0.7 (0.5\u20130.9), P = 0.012", True),
        ("a.os.x.cox.p", "P = 0.012 and HR 0.7 (0.5\u20130.9)", False),  # of what comes before it
        ("a.pfs.x.cox.p", "HR 0.7 (0.5\u20130.9), P = 0.012", False),  # of another endpoint
        ("a.os.x.cox.p", "HR 0.7 (0.5\u20130.9), P = 0.021", False),
        ("a.os.x.cox.p", "HR 0.7 (0.5\u20130.9), P < 0.012", False),
    ],
)
def test_a_p_leads_to_a_row_of_the_same_endpoint_and_design_alone(key, said, leads):
    rows = tuple(TableRow((c,)) for c in (Cell("0.7 (0.5\u20130.9)", keys=("a.os.x.cox.hr",)), Cell("0.012", keys=(key,))))
    document = linked(
        Document("T", (Section("s", "S", (text(said), Table("table_a", "A", (TableRow((Cell("x"),)),), rows))),)), {}
    )
    found = [r.href for r in runs_of(next(document.blocks())) if "P" in r.text and r.href]
    assert found == ([f"numbers.html#{key}"] if leads else [])


def test_a_share_of_a_sentence_leads_to_the_percentage_that_it_tells(reports, founding):
    rows = founding.estimates.rows
    after = linked(reports["founding"], rows)
    links = [r for b in after.blocks() for r in runs_of(b) if r.href.endswith(".percent")]
    assert len(links) >= 5
    for run in links:
        row = rows[run.href.partition("#")[2]]
        numbers = [float(x.replace(",", "")) for x in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", run.text)]
        assert {row.events, row.n} <= set(numbers) or not re.search("/| of ", run.text), run.text
        assert any(abs(x - row.value) <= 0.0501 for x in numbers), run.text


def test_an_interval_of_two_rows_leads_nowhere():
    def table(*cells):
        return Table("table_a", "A", (TableRow((Cell("x"),)),), tuple(TableRow((c,)) for c in cells))

    first, same, other = (Cell("0.7 (0.5\u20130.9)", keys=(k,)) for k in ("a.hr", "a.hr", "b.hr"))
    said = text("HR 0.7 (0.5\u20130.9), P 0.01.")
    for cells, href in (((first, same), "numbers.html#a.hr"), ((first, other), None), ((Cell("0.5\u20130.9"),), None)):
        document = linked(Document("T", (Section("s", "S", (said, table(*cells))),)), {})
        found = [(r.text, r.href) for r in runs_of(next(document.blocks())) if r.href]
        assert found == ([("0.5\u20130.9", href)] if href else [])


def test_a_masked_number_leads_nowhere():
    assert printed("<5", Row("baseline", "n", Masked("<5", True))).keys == ()
    assert printed("masked", Row("baseline", "percent", 12.0, events=Masked())).keys == ()
    assert printed("12", Row("baseline", "n", 12.0), None).keys == ("baseline.n",)


def test_small_cells_lead_nowhere_and_no_row_that_is_shown_holds_one(tiny, undrawn):
    tiny.protocol += "minimum_cell: 5\n"
    study = run_study(tiny.write())
    report = report_document(study, {})
    cells = [c for t in report.tables() for row in t.body for c in row.cells]
    masked = [c for c in cells if "<5" in c.text or "masked" in c.text]
    assert len(masked) > 20 and not [c for c in masked if c.keys]
    rows = [study.estimates[key] for key in keys_of([report])]
    assert rows and not [r.key for r in rows if any(isinstance(v, Masked) for v in (r.value, r.low, r.high, r.n, r.events))]
    assert "masked" not in render_html(numbers_document(study, keys_of([report]), {}, patients=False)).partition("<main>")[2]


@pytest.fixture(scope="module")
def page(founding, reports):
    files = {"endpoint_time": "sql/54_endpoint_time.sql", "covariate": "sql/26_covariate.sql"}
    return numbers_document(founding, keys_of([reports["founding"]]), files, patients=False)


def test_the_page_says_where_each_number_comes_from(founding, page):
    made = render_html(page)
    results = {r["key"]: r for r in csv.DictReader(results_csv(founding.estimates, founding.protocol).splitlines())}
    rows = dict(re.findall(r'<tr id="([^"]+)">(.*?)</tr>', made))
    assert len(rows) > 800
    for key, cells in rows.items():
        _, value, unit, *_, method = (
            html.unescape(re.sub(r"<[^>]+>", "", c)) for c in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", cells)
        )
        assert unit == results[key]["unit"]
        assert (value == "") == (results[key]["value"] == "")
        assert not value or float(value) == pytest.approx(float(results[key]["value"]), rel=1e-5)
        assert method in (results[key]["method"], "counted or described")
    assert 'href="sql/54_endpoint_time.sql"' in made and 'href="report.html#methods"' in made


def test_patients_are_named_only_where_they_were_asked_for(founding, reports, page):
    assert "patients.csv" not in render_html(page)
    keys = {k for k in keys_of([reports["founding"]]) if k.startswith("survival.os.")}
    with_rows = render_html(numbers_document(founding, keys, {}, patients=True))
    assert 'href="patients.csv"' in with_rows and "os_days, os_event, os_source" in with_rows


def test_only_a_page_with_its_numbers_beside_it_has_links():
    cell = Cell("0.7 <0.5>", keys=("survival.os.hr",), note="a")
    table = Table("table_a", "A", (TableRow((Cell("x"),)),), (TableRow((Cell("y"),)), TableRow((cell,), name="r")))
    document = Document("T", (Section("s", "S", (table,)),))
    assert '<a class="number" href="numbers.html#survival.os.hr">0.7 &lt;0.5&gt;</a><sup>a</sup>' in render_html(
        document, "numbers.html"
    )
    assert 'class="number"' not in render_html(document) and '<tr id="r">' in render_html(document)


def test_links_of_a_folder_lead_somewhere(spreadsheet_folder):
    made = (spreadsheet_folder / "report.html").read_text(encoding="utf-8")
    numbers = (spreadsheet_folder / "numbers.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'href="numbers\.html#([^"]+)"', made))
    assert asked and asked <= set(re.findall(r'<(?:tr|p) id="([^"]+)"', numbers))
    for file in re.findall(r'href="(sql/[^"]+)"', numbers):
        assert (spreadsheet_folder / file).is_file()
    assert 'href="sql/' in numbers


def test_relations_are_those_of_some_study(founding):
    made = {r.name for r in founding.sources.engine.relations.values() if not r.base}
    assert {name for names in RELATIONS.values() for name in names} <= made


# What is a number in a sentence and no result: settings of the protocol, names, dates, thresholds, sizes of what was written.
NO_RESULT = (
    r"RECIST 1\.1", r"CTCAE v?\d(?:\.\d)?", r"\d{1,3}% (?:CI|confidence)", r"grade \d(?:\D\d)?", r"\b\d{1,2} [A-Z][a-z]+ \d{4}",
    r"(?:above|below|between|outside|up to|least|within|under) [0-9.,]+(?: (?:and|to) [0-9.,]+)?", r"at \d+ \w+", r"P < 0\.05",
    r"\(0\.1, 0\.25\)", r"day \d+", r"\d+ tests of interaction", r"\d+ variables? had", r"[<>\u2264\u2265]\s?[\d,]+", r"\d+-FU",
    r"\d+ analyses", r"[0-9.]+ or less", r"per \d+ \w", r"includes? 1\b", r"benchmark of \d+%", r"\d+ were excluded",
    r"\d+ patients (?:treated with [\w ]+ )?were analyzed",  # sums of rows of the flow
    r"customary \d+", r"class \d", r"\d{4};\d+:[\d\u2011-]+", r"Doe \d+", r"\d+ covariates remained",
    r"\d{2} days after", r"every \d+ days", r"window of \d+", r"\[\d+\]", r"\d+ published studies", r"Equipoise [\d.]+",
)  # fmt: skip
SPOKEN_OF = ("key_results", "abstract", "highlights", "patients", "baseline", "response", "survival", "predictors", "safety")


@pytest.mark.parametrize("study", ["founding", "spreadsheet", "one_arm"])
def test_the_numbers_of_the_sentences_on_results_are_links(study, reports, request):
    rows = request.getfixturevalue(study).estimates.rows
    report = linked(reports[study], rows)
    names = {label for p in (request.getfixturevalue(study).protocol,) for label in _labels(p)}
    bare, links = [], 0
    for section in report.sections:
        if section.anchor not in SPOKEN_OF:
            continue
        for block in section.blocks:
            runs = list(runs_of(block))
            links += sum(r.href.startswith("numbers.html#") for r in runs)
            said = "".join("\u2026" if r.href or r.ref or r.cite else r.text for r in runs).replace("\u00a0", " ")
            for name in sorted(names, key=len, reverse=True):
                said = said.replace(name, "").replace(name[:1].lower() + name[1:], "")
            for pattern in NO_RESULT:
                said = re.sub(pattern, "", said.replace("\u2060", ""))
            bare += [(section.anchor, said[max(0, m.start() - 30) : m.end() + 12]) for m in re.finditer(r"\d[\d.,]*", said)]
    assert links > 40
    assert bare == []


def _labels(protocol):
    """Names that hold digits: of covariates and their levels, of reasons, of the study itself."""
    yield from (protocol.study.population, protocol.study.setting)
    for covariate in protocol.covariates.values():
        yield covariate.label
        yield from (f"{covariate.label.split(', ')[0]} was {level.lower()}" for level in covariate.levels.values())
        yield from (f"({level} in" for level in covariate.levels.values())


@pytest.mark.parametrize("study", ["founding", "spreadsheet", "one_arm"])
def test_a_figure_leads_to_the_rows_that_it_shows(study, reports, request):
    """All but those that draw patients one by one, or what the protocol says."""
    rows = request.getfixturevalue(study).estimates.rows
    without = {f.name for f in reports[study].figures() if not f.keys}
    assert without <= {
        "figure_design_diagram", "figure_waterfall", "figure_spider", "figure_swimmer", "figure_overlap", "figure_overlap_others",
        "figure_first_event",
    }  # fmt: skip
    assert {key for f in reports[study].figures() for key in f.keys} <= set(rows)


def test_a_drawing_and_its_number_are_links_where_the_page_of_numbers_is_beside_it(reports):
    figure = next(f for f in reports["founding"].figures() if f.name == "figure_km_matched")
    made = render_html(Document("T", (Section("s", "S", (figure,)),)), "numbers.html")
    assert made.count('href="numbers.html#figure_km_matched"') == 2
    assert 'class="number"' not in render_html(Document("T", (Section("s", "S", (figure,)),)))


def test_numbers_of_notes_lead_to_their_rows(reports):
    """Of a table of predictors the patients and events of each model; of agreement the kappas."""
    tables = {t.name: t for t in linked(reports["founding"], {}).tables()}
    runs = [r for name, t in tables.items() if name.startswith("table_agreement") for _, note in t.linked for r in note if r.key]
    assert [r.text.split(" ")[0] for r in runs] == ["0.92", "0.78", "106", "0.93", "0.95"]
    assert all(r.href == f"numbers.html#{r.key}" for r in runs)
    notes = dict(tables["table_predictors"].linked)
    assert {r.text for r in next(iter(notes.values())) if r.key.endswith(".hr")} == {"126 patients", "81 events"}
    assert set(notes) <= set(tables["table_predictors"].notes), "the words of the note, whose paper has no links"
