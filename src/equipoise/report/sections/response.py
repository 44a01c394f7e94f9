"""Response: rates, then what stands behind them: waterfall, spider and swimmer, the course of response, agreement of readings."""

from __future__ import annotations

from equipoise.document.model import Figure, Paragraph, Section, bold, text
from equipoise.report import format as fmt
from equipoise.report.figures.spider import spider
from equipoise.report.figures.swimmer import swimmer
from equipoise.report.figures.waterfall import waterfall
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import response as said
from equipoise.report.sections.parts import Blocks, figure, lead_in, paragraph, section
from equipoise.report.tables.response import PHASE, response_table
from equipoise.report.tables.response_detail import agreement_tables, course_table, recorded_table

CAPTIONS = {
    "waterfall": "A bar per patient: the smallest percent change of the target sum from baseline up to progression. "
    "Dashed: +20 % and \u221230 %. Triangles: more than +100 %.",
    "spider": "A line per patient: percent change of the target sum from baseline at each scan whose targets were all measured.",
    "swimmer": "A lane per patient from the index date, longest observation first; response and progression by {criterion}.",
}
TITLES = {
    "waterfall": "Deepest change of the target sum",
    "spider": "Target sum over time",
    "swimmer": "Treatment, response and progression of each patient",
}


def response_section(numbers: Numbers) -> Section | None:
    return section("response", "Response", _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = response_table(numbers)
    if table is None:
        return []
    blocks: Blocks = []
    for design in numbers.leading:
        sentences = said.rates(numbers, design)
        if sentences:
            blocks.append(text(*lead_in(numbers, design), " ".join(sentences)))
    parts = response_parts(numbers)
    course = said.course(numbers, numbers.design_names[0]) if parts[0] is not None else []
    more = paragraph([*course, *said.agreement(numbers)], *(["table_response_course"] if course else []))
    if more is not None:
        label = f"Confirmation, duration and depth, {fmt.lower_first(numbers.design_label(numbers.design_names[0]))}. "
        blocks.append(Paragraph((bold(label), *more.runs)))
    return [*blocks, table, *parts]


def response_parts(numbers: Numbers) -> Blocks:
    """Supplementary figures and tables, None where the study has no numbers for one."""
    drawn = {"waterfall": waterfall, "spider": spider, "swimmer": swimmer} if numbers.protocol.minimum_cell is None else {}
    figures = [_figure(numbers, name, draw(numbers.study)) for name, draw in drawn.items()]
    return [course_table(numbers), *figures, *agreement_tables(numbers), recorded_table(numbers)]


def _figure(numbers: Numbers, name: str, drawn) -> Figure | None:
    if drawn is None:
        return None
    assert numbers.protocol.response is not None
    caption = CAPTIONS[name].format(criterion=numbers.protocol.response.criteria[0])
    return figure(f"figure_{name}", TITLES[name], drawn, f"{TITLES[name]}. {_alt(numbers)}", caption, True)


def _alt(numbers: Numbers) -> str:
    """The medians of the deepest change by criterion and arm, in words."""
    parts = []
    for row in numbers.where(phase=PHASE, analysis="deepest_change", statistic="median", design="unadjusted"):
        if row.group in numbers.arms:
            parts.append(f"{row.endpoint}, {fmt.lower_first(numbers.arm_label(row.group))}: median {fmt.number(row.value, 0)} %")
    return f"Deepest change by arm: {'; '.join(parts)}." if parts else ""
