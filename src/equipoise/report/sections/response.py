"""Response: rates, then what stands behind them: waterfall, spider and swimmer, the course of response, agreement of readings."""

from __future__ import annotations

from equipoise.document.model import Figure, Paragraph, Section, bold, text
from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.figures import spider as spiders
from equipoise.report.figures import swimmer as swimmers
from equipoise.report.figures import waterfall as waterfalls
from equipoise.report.figures.spider import spider
from equipoise.report.figures.swimmer import swimmer
from equipoise.report.figures.thinned import BARS, LANES, LINES
from equipoise.report.figures.waterfall import waterfall
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import response as said
from equipoise.report.sections.parts import Blocks, figure, lead_in, paragraph, section
from equipoise.report.tables.response import PHASE, response_table
from equipoise.report.tables.response_detail import agreement_tables, course_table, recorded_table
from equipoise.report.words import words

DRAWN = {"waterfall": waterfall, "spider": spider, "swimmer": swimmer}


def response_section(numbers: Numbers) -> Section | None:
    return section("response", words("sections.response"), _blocks(numbers))


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
        label = words("response.course_label", cohort=fmt.lower_first(numbers.design_label(numbers.design_names[0])))
        blocks.append(Paragraph((bold(f"{label} "), *more.runs)))
    return [*blocks, table, *parts]


def response_parts(numbers: Numbers) -> Blocks:
    """Supplementary figures and tables, None where the study has no numbers for one."""
    drawn = DRAWN if numbers.protocol.minimum_cell is None else {}
    figures = [_figure(numbers, name, draw(numbers.study)) for name, draw in drawn.items()]
    return [course_table(numbers), *figures, *agreement_tables(numbers), recorded_table(numbers)]


def _figure(numbers: Numbers, name: str, drawn) -> Figure | None:
    if drawn is None:
        return None
    assert numbers.protocol.response is not None
    title = words(f"response.figure.{name}")
    criterion = {"criterion": numbers.protocol.response.criteria[0]} if name == "swimmer" else {}
    caption = " ".join(said for said in (words(f"response.caption.{name}", **criterion), _thinned(numbers.study, name)) if said)
    return figure(f"figure_{name}", title, drawn, f"{title}. {_alt(numbers)}", caption, True)


def _thinned(study: Study, name: str) -> str:
    """Which patients a figure shows, where they are too many to be told apart."""
    if name == "waterfall" and waterfalls.thinned(study):
        return words("response.caption.thinned.waterfall", most=str(BARS))
    if name == "spider" and spiders.thinned(study):
        return words("response.caption.thinned.spider", most=str(LINES))
    which = swimmers.thinned(study) if name == "swimmer" else ""
    if which == "some":
        return words("response.caption.thinned.some", most=str(LANES))
    return words("response.caption.thinned.responders", most=str(LANES)) if which else ""


def _alt(numbers: Numbers) -> str:
    """The medians of the deepest change by criterion and arm, in words."""
    parts = []
    for row in numbers.where(phase=PHASE, analysis="deepest_change", statistic="median", design="unadjusted"):
        if row.group in numbers.arms:
            parts.append(
                words(
                    "response.figure.median",
                    criterion=row.endpoint,
                    arm=fmt.lower_first(numbers.arm_label(row.group)),
                    percent=fmt.number(row.value, 0),
                )
            )
    return words("response.figure.deepest", medians="; ".join(parts)) if parts else ""
