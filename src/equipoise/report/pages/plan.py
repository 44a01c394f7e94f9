"""The study plan: a HARPER-style protocol document, written from the protocol file before any data are opened.

Wang SV, Pottegard A, Crown W, et al. HARmonized Protocol Template to Enhance Reproducibility of hypothesis evaluating real-world
evidence studies on treatment effects. Pharmacoepidemiol Drug Saf 2023;32:44-55.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from equipoise.document.citing import shortened
from equipoise.document.model import Block, Document, Heading, Section, numbered, ref, text
from equipoise.document.model import bold as strong
from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import write
from equipoise.protocol.spec import Protocol
from equipoise.report.figures.design_diagram import alt, design_diagram
from equipoise.report.formats import RENDERERS
from equipoise.report.front_matter import known
from equipoise.report.language import written
from equipoise.report.narrative import plan as said
from equipoise.report.sections.front import authors_listed, left_to_authors
from equipoise.report.sections.methods import DIAGRAM
from equipoise.report.sections.parts import Blocks, figure, paragraph, worded
from equipoise.report.tables import plan as tables
from equipoise.report.words import words

NAME = "study-plan"


def plan_document(protocol: Protocol) -> Document:
    """Of a protocol as loaded: no data file is opened."""
    info = protocol.study
    parts = (
        _section("front", _front(protocol)),
        _section("amendments", _dates()),
        _section("rationale", [_given(protocol, "background", words("plan.rationale"))]),
        _section("objective", _objective(protocol)),
        _section("design", _design(protocol)),
        _section("setting", _setting(protocol)),
        _section("variables", _variables(protocol)),
        _section("analysis", _analysis(protocol)),
        _section("size", [paragraph(said.power(protocol)) or left_to_authors(words("plan.no_power"))]),
        _section("sources", [paragraph(said.sources(protocol))]),
        _section("management", [paragraph(said.management(protocol))]),
        _section("limitations", _limitations(protocol)),
        _section("ethics", _ethics(protocol)),
        _section("harms", [left_to_authors(words("plan.harms"))]),
        _section("references", [left_to_authors(words("plan.references"))]),
    )  # fmt: skip
    lead = (words("plan.lead", file=protocol.file, sha256=protocol.sha256[:12]),)
    whole = Document(words("plan.title", title=info.title), parts, lead, info.notice, foot=words("plan.notice_foot"))
    return shortened(numbered(whole))


def write_plan(protocol: Protocol, folder: Path, formats: Collection[str]) -> list[Path]:
    """The plan in each format; one that is there already and says something else is left as it is (EquipoiseError), for authors
    write into it."""
    with written(protocol):
        document = plan_document(protocol)
        made = {folder / f"{NAME}.{name}": RENDERERS[name](document) for name in formats}
    made = {path: content.encode("utf-8") if isinstance(content, str) else content for path, content in made.items()}
    other = [path.name for path, content in made.items() if path.exists() and path.read_bytes() != content]
    if other:
        message = f"{', '.join(other)} is there already and says something else; rename it, or name another folder with --out"
        raise EquipoiseError(Fault(str(folder), "file exists", message))
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in made.items():
        write(path, content)
    return list(made)


def _heading(name: str) -> Heading:
    return Heading(words(f"plan.heading.{name}"))


def _section(name: str, blocks: Blocks) -> Section:
    return Section(f"plan_{name}", words(f"plan.section.{name}"), tuple(b for b in blocks if b is not None))


def _given(protocol: Protocol, key: str, otherwise: str) -> Block:
    found = known(protocol.study.metadata).get(key, "")
    return text(found) if found else left_to_authors(otherwise)


def _front(protocol: Protocol) -> Blocks:
    given = known(protocol.study.metadata)
    registered = (
        text(strong(f"{words('front.labelled', label=words('front.heading.registration'))} "), given["registration"])
        if "registration" in given
        else None
    )
    return [
        *authors_listed(given.get("authors", "")),
        registered or left_to_authors(words("plan.registry")),
        text(words("plan.template"), style="note"),
    ]


def _dates() -> Blocks:
    return [left_to_authors(words("plan.version")), left_to_authors(words("plan.milestones"))]


def _limitations(protocol: Protocol) -> Blocks:
    return [paragraph(said.limitations(protocol)), left_to_authors(words("plan.limits_more"))]


def _objective(protocol: Protocol) -> Blocks:
    return [paragraph(said.objective(protocol)), left_to_authors(words("plan.no_hypothesis"))]


def _design(protocol: Protocol) -> Blocks:
    blocks: Blocks = [paragraph([*said.design(protocol), *said.time_zero(protocol)])]
    if protocol.study.data_cutoff is None:
        blocks.append(left_to_authors(words("plan.no_cutoff")))
    if protocol.data.tables is not None:
        drawn = figure(
            DIAGRAM, words("methods.diagram.title"), design_diagram(protocol), alt(protocol), words("methods.diagram.caption")
        )
        blocks += [worded("plan.pointer.diagram", figure=ref(DIAGRAM)), drawn]
    trial = tables.trial_table(protocol)
    if trial is not None:
        blocks += [_heading("target_trial"), worded("plan.pointer.trial", table=ref(trial.name)), trial]
    return blocks


def _setting(protocol: Protocol) -> Blocks:
    table = tables.criteria_table(protocol)
    return [paragraph(said.eligibility(protocol), *([table.name] if table is not None else [])), table]


def _variables(protocol: Protocol) -> Blocks:
    exposure, outcomes, covariates = (
        make(protocol) for make in (tables.exposure_table, tables.outcomes_table, tables.covariates_table)
    )
    assert exposure is not None and outcomes is not None and covariates is not None, "a study has each of them"
    return [
        _heading("exposure"), worded("plan.pointer.exposure", table=ref(exposure.name)), exposure,
        _heading("outcomes"), worded("plan.pointer.outcomes", table=ref(outcomes.name)), outcomes,
        _heading("follow_up"), paragraph(said.follow_up(protocol)),
        _heading("covariates"), paragraph(said.covariates(protocol)),
        worded("plan.pointer.covariates", table=ref(covariates.name)), covariates,
    ]  # fmt: skip


def _analysis(protocol: Protocol) -> Blocks:
    designs, others = tables.designs_table(protocol), tables.sensitivity_table(protocol)
    missing = paragraph(said.missing(protocol))
    blocks: Blocks = []
    if not protocol.arms.single:
        named = [designs.name] if designs is not None else []
        blocks += [_heading("comparability"), paragraph(said.designs(protocol), *named), designs]
    blocks += [_heading("analysis"), paragraph(said.analysis(protocol))]
    blocks += [_heading("missing"), missing] if missing is not None else []
    if others is not None:
        blocks += [_heading("sensitivity"), worded("plan.pointer.sensitivity", table=ref(others.name)), others]
    return blocks


def _ethics(protocol: Protocol) -> Blocks:
    given = known(protocol.study.metadata)
    found = [text(given[key]) for key in ("ethics", "consent") if key in given]
    return [*found] if found else [left_to_authors(words("plan.ethics"))]
