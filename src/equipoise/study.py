"""The study in its few lines: what a notebook user types, and what `equipoise run` does. Pages are imported where they are
written: `check` writes none, and a third of its start would be theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from equipoise.cohort.build import build_cohort as select_cohort
from equipoise.cohort.build import define_candidates
from equipoise.contract import CORE, Contract
from equipoise.data.quality import find_quality, sentence
from equipoise.data.sources import examine_sources, read_sources
from equipoise.data.stored import require_unchanged
from equipoise.derive.candidates import derive_candidates
from equipoise.derive.covariates import derive_covariates
from equipoise.derive.vectors import vector_faults
from equipoise.design.ends import patients_at_the_ends
from equipoise.design.make import designs_again, make_designs
from equipoise.disclosure.flow import small
from equipoise.disclosure.mask import masked_study
from equipoise.disclosure.progress import (
    cohort_line,
    covariates_line,
    designs_lines,
    imputations_line,
    outcomes_line,
    sources_line,
)
from equipoise.disclosure.sentences import telling, without_small_counts, without_small_faults
from equipoise.errors import Fault, ProtocolError, Trouble
from equipoise.estimate.blind import describe_design
from equipoise.estimate.estimate import estimate_effects
from equipoise.estimate.explain_p import Candidate, explain_samples, explain_table, parse_sample, parse_table
from equipoise.estimate.horizon import require_horizons
from equipoise.estimate.published_input import read_published
from equipoise.impute.draw import draw_missing
from equipoise.lock.file import NAME as LOCK
from equipoise.lock.file import write_design
from equipoise.lock.state import Locking, lock_state, locked_design
from equipoise.outcomes.event_values import event_line, examine_events
from equipoise.outcomes.outcomes import derive_outcomes
from equipoise.outcomes.timeline import disagreements, patient_timeline
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.bundle import MEMBERS
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol
from equipoise.records import (
    Cohort,
    Covariates,
    Imputed,
    LockState,
    Outcomes,
    Quality,
    ReadPublished,
    Sources,
    Study,
)
from equipoise.report.language import texts_of

Say = Callable[[str], None]

__all__ = [
    "Locking",
    "build_cohort",
    "check_study",
    "compare_conventions",
    "design_study",
    "export_study",
    "explain_p",
    "patients_at_the_ends",
    "response_disagreements",
    "run_study",
    "study_contract",
    "what_leaves",
    "write_patient_page",
]


def run_study(
    path: str | Path,
    say: Say = lambda line: None,
    profile: str | None = None,
    confine: bool = False,
    locking: Locking | None = None,
    bundle: bool = False,
) -> Study:
    """The whole study up to its estimates; nothing is written. say: called with a line per phase. profile: conventions to
    use instead of the study's own; it is then not compared with a lock. confine: read nothing outside the protocol's folder,
    follow no link. locking: what to do where the design changed after it was locked; refuse, where nothing is said. bundle: with
    every member of the sensitivity bundle, whatever the protocol asks."""
    protocol = load_protocol(path, profile, confine)
    if bundle and len(protocol.arms.groups) != 2:
        message = f"the sensitivity bundle looks at one comparison of two arms, and this study has {len(protocol.arms.groups)}"
        raise ProtocolError(Fault(protocol.place("arms"), "nothing to compare", message))
    if bundle:
        asked = protocol.sensitivity.model_copy(update={"bundle": list(MEMBERS)})
        protocol = protocol.model_copy(update={"sensitivity": asked})
    say(f"protocol    {protocol.file}: {protocol.study.title}")
    with telling(protocol.minimum_cell):
        locking = None if profile is not None else locking or Locking()
        return _conducted(protocol, _read(protocol), [], say, locking=locking)


def design_study(
    path: str | Path, now: dt.datetime, out: Path | None = None, say: Say = lambda line: None, confine: bool = False
) -> Study:
    """Everything up to balance, of the columns that the design reads; no outcome is loaded. Writes the lock (out; else
    design.lock beside the protocol) and its page. now: the time of the lock, with its zone. confine: as for run_study."""
    from equipoise.report.pages.design import design_lines, design_page, lock_line

    protocol = without_outcomes(load_protocol(path, confine=confine))
    say = _masking(protocol, say)
    say(f"protocol    {protocol.file}: {protocol.study.title}")
    with telling(protocol.minimum_cell):
        sources = _read(protocol)
        say(f"data        {sources_line(sources)}: {', '.join(sources.tables)}; outcomes stay unopened")
        cohort = build_cohort(protocol, sources)
        say(f"cohort      {cohort_line(cohort, protocol.minimum_cell)}")
        for remark in cohort.remarks:
            say(f"            {remark}")
        covariates = derive_covariates(protocol, sources, cohort)
        say(f"covariates  {covariates_line(covariates)}")
        designs = make_designs(protocol, cohort, covariates)
        for line in designs_lines(designs, protocol.minimum_cell):
            say(line)
        require_unchanged(protocol, sources.engine)
        place = out or Path(protocol.folder) / LOCK
        lock, new = locked_design(protocol, sources, covariates, designs, now, place, Path(protocol.folder) / "out")
    estimates = describe_design(protocol, designs, covariates)
    state = LockState(lock, place.name)
    study = masked_study(Study(protocol, sources, cohort, covariates, Outcomes({}), designs, estimates, lock=state))
    for line in design_lines(study):
        say(line)
    page = write_design(lock, place, design_page(study))
    say(f"lock        {place}: {lock_line(study, new)}")
    if protocol.minimum_cell is not None:
        say("            it tells who is in which design, which no minimum cell masks: keep it where the patients' data are")
    say(f"page        {page}")
    return study


def build_cohort(protocol: Protocol, sources: Sources) -> Cohort:
    """Who is analysed. Where an exclusion asks derived values (performance status, a score), those whom no earlier reason leaves
    out have their baseline derived first."""
    if define_candidates(protocol, sources):
        derive_candidates(protocol, sources)
    return select_cohort(protocol, sources)


def check_study(
    path: str | Path,
    say: Say = lambda line: None,
    show_values: bool = False,
    confine: bool = False,
    locking: Locking | None = None,
) -> Sources:
    """Protocol and data findings, then the study up to its estimates, which are not shown: what passes here runs. Raises with
    every fault, after the rules of data quality were said. show_values: name the rows too. confine, locking: as for run_study."""
    protocol = load_protocol(path, confine=confine)
    say = _masking(protocol, say)
    say(f"protocol    {protocol.file}: no faults")
    wrong = vector_faults(protocol.rule_packs)
    if wrong:
        raise ProtocolError(wrong)
    for pack in protocol.rule_packs:
        origin = "shipped" if pack.ships else "the study's own"
        say(f"pack        {pack.name} ({origin}): {pack.title}; {len(pack.vectors)} test vectors agree")
    with telling(protocol.minimum_cell):
        sources, impossible = examine_sources(protocol)
    sources = _quiet(protocol, sources)

    def found(quality: Quality) -> None:
        for column in examine_events(protocol, sources.engine)[0] if protocol.data.rows is not None else ():
            say(f"events      {event_line(column, protocol.minimum_cell or 0)}")
        for finding in quality.findings:
            if finding.rows:
                say(f"quality     {sentence(finding, sources.tables, show_values)}")

    with telling(protocol.minimum_cell):
        study = _conducted(protocol, sources, impossible, say, found, locking or Locking())
    if protocol.comparison is not None:
        from equipoise.report.pages.comparison import read_printed

        read_printed(study)
    return sources


def what_leaves(path: str | Path, say: Say = lambda line: None, confine: bool = False) -> list[str]:
    """What a run of this study takes out of its database, a line each: the relation, its columns, the number of rows. The study
    runs up to its estimates, in the memory of this machine, and nothing is written. Raises ProtocolError where it reads files."""
    protocol = load_protocol(path, confine=confine)
    if protocol.data.connection is None:
        message = "this study reads files; give 'connection' and 'schema' where the data are in a database"
        raise ProtocolError(Fault(protocol.place("data"), "no database", message))
    study = run_study(path, say, confine=confine)
    record, least = study.sources.engine.record, protocol.minimum_cell or 0
    lines = [f"{x.relation}: {', '.join(x.columns)} ({small(x.rows, least)} rows)" for x in record.leaving]
    return [*lines, f"{record.counts} statements that give counts, extremes and words of no single patient"]


def _conducted(
    protocol: Protocol,
    sources: Sources,
    faults: list[Fault],
    say: Say,
    found: Callable[[Quality], None] = lambda quality: None,
    locking: Locking | None = None,
) -> Study:
    """The study in its few lines. faults: what is known to be impossible before it begins. found: is told the findings of
    data quality. locking: how to treat a lock; None, no lock is looked for. A phase that cannot be done leaves its faults, and
    those that do not need it go on: all are said at once."""
    trouble = Trouble(faults)
    trouble.met(texts_of, protocol)
    say = _masking(protocol, say)
    say(f"data        {sources_line(sources)}")
    cohort = trouble.needed(build_cohort, protocol, sources)
    say(f"cohort      {cohort_line(cohort, protocol.minimum_cell)}")
    for remark in cohort.remarks:
        say(f"            {remark}")
    covariates = trouble.met(derive_covariates, protocol, sources, cohort)
    designs = outcomes = None
    lock = LockState()
    if covariates is not None:
        say(f"covariates  {covariates_line(covariates)}")
        designs = trouble.met(make_designs, protocol, cohort, covariates)  # outcomes are not an argument
    if designs is not None:
        for line in designs_lines(designs, protocol.minimum_cell):
            say(line)
        if locking is not None:
            lock = trouble.met(lock_state, protocol, sources, covariates, designs, locking) or lock
        _say_lock(lock, say)
    if protocol.data.rows is not None or sources.engine.has("baseline_item"):
        outcomes = trouble.met(derive_outcomes, protocol, sources, cohort)
    if outcomes is not None:
        say(f"outcomes    {outcomes_line(outcomes)}")
    if outcomes is not None and designs is not None:
        trouble.met(require_horizons, protocol, designs, outcomes)
    quality = trouble.met(find_quality, protocol, sources, cohort)
    if quality is not None:
        found(quality)
    imputed = None
    if protocol.missing.impute is not None and designs is not None and outcomes is not None:
        imputed = trouble.met(_imputed, protocol, cohort, covariates, outcomes)
    if imputed is not None:
        say(f"imputed     {imputations_line(imputed)}")
    published = trouble.needed(_published, protocol, say)
    trouble.stop()
    estimates = estimate_effects(protocol, designs, covariates, outcomes, quality, imputed, published)
    require_unchanged(protocol, sources.engine)
    say(f"estimates   {len(estimates.rows)} numbers, {len(estimates.curves)} curves")
    phases = cohort, covariates, outcomes, designs, estimates, quality, lock, imputed, published
    return masked_study(Study(protocol, sources, *phases))


def _say_lock(lock: LockState, say: Say) -> None:
    if lock.lock is None and not lock.file:
        return
    from equipoise.report.pages.design import state_lines

    for line in state_lines(lock):
        say(f"lock        {line}")


def _published(protocol: Protocol, say: Say) -> ReadPublished:
    published = read_published(protocol)
    for remark in published.remarks:
        say(f"published   {remark}")
    return published


def _imputed(protocol: Protocol, cohort: Cohort, covariates: Covariates, outcomes: Outcomes) -> Imputed | None:
    """Missing covariates drawn with the outcomes in their model, and the designs made again in each copy; after the design of the
    complete cases, which saw no outcome."""
    drawn = draw_missing(protocol, cohort, covariates, outcomes)
    return None if drawn is None else designs_again(protocol, cohort, drawn)


def study_contract(path: str | Path | None = None, packs: tuple[str, ...] = (), confine: bool = False) -> Contract:
    """The raw tables, items and analytes that a study may bring: the core's, those of a protocol's packs and of further packs
    that ship. Raises ProtocolError for a pack that does not."""
    protocol = load_protocol(path, confine=confine) if path is not None else None
    strange = [name for name in packs if name not in SHIPPED]
    if strange:
        message = f"there is no pack '{strange[0]}'; shipped are {', '.join(SHIPPED)}"
        raise ProtocolError(Fault("--pack", "unknown name", message))
    contract = protocol.contract if protocol is not None else CORE
    there = [pack.name for pack in protocol.rule_packs] if protocol is not None else []
    for name in dict.fromkeys(packs):
        contract = contract if name in there else shipped(name).extend(contract)
    return contract


def response_disagreements(path: str | Path, show_values: bool = False, confine: bool = False) -> list[str]:
    """How many recorded responses differ from those that the lesions give, in words; show_values: each of them."""
    protocol, sources, _ = _outcomes_of(path, confine)
    engine, least = sources.engine, protocol.minimum_cell
    if not engine.has("response_comparison"):
        return ["no recorded responses: the table recorded_response was not given"]
    found = disagreements(engine)
    n = engine.rows("select count(*) from response_comparison")[0][0]
    differ = small(len(found), least or 0)
    lines = [f"{differ} of {n} recorded responses differ from those that the lesions give"]
    for d in found if show_values else []:
        by = f" by {d['reader']}" if d["reader"] else ""
        lines.append(f"{d['patient_id']}, visit {d['visit']}, {d['criterion']}: recorded {d['recorded']}{by}; {d['reason']}")
    return lines if show_values or not found else [*lines, "--show-values lists them, on your own screen"]


def _outcomes_of(path: str | Path, confine: bool) -> tuple[Protocol, Sources, Cohort]:
    protocol = load_protocol(path, confine=confine)
    with telling(protocol.minimum_cell):
        sources = _read(protocol)
        cohort = build_cohort(protocol, sources)
        derive_covariates(protocol, sources, cohort)
        derive_outcomes(protocol, sources, cohort)
    return protocol, sources, cohort


def write_patient_page(path: str | Path, patient: str, folder: Path, confine: bool = False) -> Path:
    """The timeline of one analysed patient as a page in `folder`; nothing is estimated."""
    from equipoise.report.pages.patient import write_patient

    protocol, sources, cohort = _outcomes_of(path, confine)
    return write_patient(protocol, patient_timeline(protocol, sources.engine, cohort, patient), folder)


def compare_conventions(path: str | Path, profiles: tuple[str, ...] = ("r", "sas"), confine: bool = False) -> str:
    """The cells that print differently under the study's own conventions and each whole profile, as a plain table."""
    from equipoise.report.pages.convention_changes import changes_text, convention_changes

    own = run_study(path, confine=confine)
    studies = {"own" if own.protocol.conventions.departures else own.protocol.conventions.profile: own}
    for profile in profiles:
        if profile not in studies:
            studies[profile] = run_study(path, profile=profile, confine=confine)
    return changes_text(convention_changes(studies), len(own.estimates.rows))


def export_study(study: Study, folder: Path, language: str, with_patient_rows: bool = False) -> Path:
    """The analysis data set and a script that regenerates the results, or ADaM sets: see `reproduce.write.export_study`."""
    from equipoise.reproduce.write import export_study as write

    return write(study, folder, language, with_patient_rows)


def explain_p(printed: str, table: str | None = None, samples: tuple[str, str] | None = None) -> list[Candidate]:
    """Every usual test of a table ("24,12; 8,28") or two samples, those that print as the given P first."""
    if table is not None:
        return explain_table(parse_table(table), printed)
    first, second = samples or ("", "")
    return explain_samples(parse_sample(first), parse_sample(second), printed)


def _read(protocol: Protocol) -> Sources:
    return _quiet(protocol, read_sources(protocol))


def _quiet(protocol: Protocol, sources: Sources) -> Sources:
    """The sources, whose findings tell no small count."""
    return replace(sources, findings=tuple(without_small_faults(list(sources.findings), protocol.minimum_cell)))


def _masking(protocol: Protocol, say: Say) -> Say:
    """What says the same with small counts masked, where the protocol asks it."""
    least = protocol.minimum_cell
    return say if least is None else lambda line: say(without_small_counts(line, least))
