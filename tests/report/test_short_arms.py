"""Arms whose labels are long have a short name for heads and figures, which is explained below them; texts say the label."""

import pytest

from equipoise.document.model import Figure, Paragraph, Table
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.report.figures import kaplan_meier
from equipoise.study import run_study

LONG = "Atezolizumab plus bevacizumab followed by lenvatinib until progression"


@pytest.fixture
def long_arms(sheet):
    groups = sheet.protocol["arms"]["groups"]
    groups["a"] |= {"label": LONG, "short": "A+B+L"}
    groups["b"] |= {"label": f"{LONG} again"}
    return sheet


def test_heads_and_figures_have_the_short_name_with_its_label_below(long_arms, undrawn):
    study = run_study(long_arms.write())
    blocks = [b for section in report_document(study, {}).sections for b in section.blocks]
    table = next(b for b in blocks if isinstance(b, Table) and b.name == "table_baseline")
    heads = [cell.text for row in table.head for cell in row.cells]
    assert any(text.startswith("A+B+L (n=") for text in heads) and not any(text.startswith(f"{LONG} (n=") for text in heads)
    assert f"A+B+L, a{LONG[1:]}" in " ".join(table.notes)
    words = " ".join(run.text for b in blocks if isinstance(b, Paragraph) for run in b.runs)
    assert "A+B+L" not in words and LONG[1:] in words
    (axes,) = kaplan_meier(study, "unadjusted").axes
    shown = [text.get_text() for text in axes.texts]
    assert "A+B+L" in shown and not any(text.startswith(LONG) for text in shown if "again" not in text)


def test_a_figure_explains_what_stands_in_it(long_arms):
    blocks = [b for section in report_document(run_study(long_arms.write()), {}).sections for b in section.blocks]
    figure = next(b for b in blocks if isinstance(b, Figure) and b.name == "figure_km")
    assert f"A+B+L, a{LONG[1:]}" in figure.caption and "HR, " in figure.caption


def test_short_names_tell_arms_apart(long_arms):
    long_arms.protocol["arms"]["groups"]["b"]["short"] = "A+B+L"
    with pytest.raises(ProtocolError, match="tell them apart"):
        load_protocol(long_arms.write())
