"""A study in a notebook: tables, figures and records show themselves, a figure can be changed, and the example runs."""

import ast
import importlib.util
import re

import pytest

from equipoise.document.html import render_block
from equipoise.document.model import Cell, Figure, Table, TableRow
from equipoise.protocol.report_settings import ReportSettings
from equipoise.report.figures import kaplan_meier, render
from equipoise.report.notebook import FigureView, TableView, shown
from equipoise.report.themes import asked, themed


@pytest.fixture(scope="module")
def views(spreadsheet, dot):
    """Every table; of the figures only the curves are drawn in truth."""

    def some(figure):
        curves = any("survival" in axes.get_ylabel() for axes in figure.axes)
        return render(figure) if curves else dot(figure)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", some)
        return shown(spreadsheet)


def test_tables_and_figures_have_the_names_of_their_files(views, spreadsheet_folder):
    files = {p.stem for p in (spreadsheet_folder / "tables").glob("*.csv")}
    assert set(views.tables) <= files and len(views.tables) > 10
    assert set(views.figures) == {p.stem for p in (spreadsheet_folder / "figures").glob("*.svg")}
    assert views["baseline"].table.number == "Table 1"
    with pytest.raises(KeyError, match="'nothing' is none of"):
        views["nothing"]


def test_a_table_shows_itself_and_changes_nothing_else_on_the_page():
    table = Table("table_a", "A <b>", (TableRow((Cell("x & y"),)),), (TableRow((Cell("<script>"),)),), notes=("n",))
    made, again = render_block(table), render_block(table)
    assert "A &lt;b&gt;" in made and "x &amp; y" in made and "<script" not in made
    assert len({re.search(r'<figure class="table" id="([^"]+)"', m).group(1) for m in (made, again)}) == 2
    style = made[made.index("<style>") + 7 : made.index("</style>")]
    assert all(part.strip().startswith(".equipoise") for part in re.findall(r"([^{}]+)\{", style))


def test_printed_cells_as_a_frame(views):
    frame = views["survival"].frame()
    assert frame.shape[0] == len(views["survival"].table.body)
    assert all(isinstance(v, str) for v in frame.to_numpy().ravel())
    assert any("Recurrence-free survival" in v for v in frame.iloc[:, 0])


def test_a_figure_is_changed_and_saved(views, tmp_path):
    view = views["km"]
    before = view._repr_html_()
    assert before.startswith('<div class="equipoise">') and "<svg" in before
    changed = view.restyled(lambda figure: figure.axes[0].set_facecolor("#123456"))
    assert "#123456" in changed._repr_html_() and "#123456" not in before
    assert changed.save(tmp_path / "km.svg").read_text(encoding="utf-8") == changed.figure.drawing.svg
    with pytest.raises(ValueError, match="saved as .svg, .pdf, .png"):
        changed.save(tmp_path / "km.doc")


def test_records_show_what_they_hold_and_no_patient(spreadsheet):
    study, estimates = spreadsheet._repr_html_(), spreadsheet.estimates._repr_html_()
    assert "Hormonal therapy (246); No hormonal therapy (440)" in study and str(len(spreadsheet.estimates.rows)) in study
    assert "<td>survival</td><td>Times to an event</td>" in estimates


@pytest.fixture(scope="module")
def maker(repository):
    made = importlib.util.spec_from_file_location("make_notebooks", repository / "examples" / "make_notebooks.py")
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def test_the_notebook_is_made_from_its_source(repository, maker):
    source = repository / "examples" / "notebook" / "study.py"
    assert source.with_suffix(".ipynb").read_text(encoding="utf-8") == maker.notebook(source.read_text(encoding="utf-8"))


def test_the_notebook_runs_and_every_last_line_shows_itself(repository, maker, spreadsheet, views, monkeypatch):
    """Its code, in order; the study and its drawing are those of the other tests."""
    monkeypatch.setattr("equipoise.study.run_study", lambda path: spreadsheet if path == "../gbsg2/study.yaml" else None)
    monkeypatch.setattr("equipoise.report.notebook.shown", lambda study: views)
    assert (repository / "examples" / "notebook" / "../gbsg2/study.yaml").is_file()
    names: dict = {}
    displayed = []
    for kind, text in maker.cells((repository / "examples" / "notebook" / "study.py").read_text(encoding="utf-8")):
        if kind == "code":
            tree = ast.parse(text)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, "notebook", "exec"), names)
            if last is not None:
                displayed.append(eval(compile(ast.Expression(last.value), "notebook", "eval"), names))
    assert len(displayed) == 8
    assert all(v._repr_html_() for v in displayed)
    assert [type(v) for v in displayed[4:7]] == [TableView, TableView, FigureView]


def test_a_changed_figure_keeps_the_width_of_its_theme(tiny_study):
    look = asked(ReportSettings(theme="jama", width=85))
    with themed(look):
        drawn = kaplan_meier(tiny_study, "unadjusted", endpoints=["os"])
        figure = Figure("figure_km", "Overall survival", render(drawn), "curves")
    changed = FigureView(figure, drawn, look).restyled(lambda figure: figure.axes[0].set_title("Other words"))
    assert changed.figure.drawing.size == figure.drawing.size and "Other words" in changed.figure.drawing.svg
