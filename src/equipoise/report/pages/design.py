"""The page of a design, and its lines for a terminal: everything that is known before outcomes are opened."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.document.html import render_html
from equipoise.document.model import Bullets, Document, Run, Section, numbered, text
from equipoise.protocol.roles import role_remarks
from equipoise.records import LockState, Study
from equipoise.report import format as fmt
from equipoise.report.language import written
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lock import SHORT, locked, moment
from equipoise.report.narrative.power import power_lines
from equipoise.report.sections.baseline import baseline_section
from equipoise.report.sections.lost import lost_section
from equipoise.report.sections.part_of_study import part_section
from equipoise.report.sections.parts import Blocks, section
from equipoise.report.sections.patients import patients_section
from equipoise.report.sections.power import power_section
from equipoise.report.tables.baseline import apart, balanced_variables
from equipoise.report.tables.diagnostics import EQUIPOISE, effective, largest, share
from equipoise.report.words import words

FEW = 10  # effective patients of an arm


def design_page(study: Study) -> str:
    """HTML. The study has no outcomes, and its lock."""
    with written(study.protocol):
        return render_html(design_document(study))


def design_document(study: Study) -> Document:
    """The lock, what to look at, flow, Table 1, balance, overlap, who was lost."""
    numbers = Numbers(study)
    sections = [
        section("lock", words("design_page.lock"), _lock(numbers)),
        patients_section(numbers),
        baseline_section(numbers),
        None if numbers.single else lost_section(numbers),
        power_section(numbers),
        *(_comparison(name, part) for name, part in numbers.comparisons.items()),
    ]
    info = study.protocol.study
    title = words("design_page.title", study=fmt.lower_first(info.title))
    kept: tuple[Section, ...] = tuple(s for s in sections if s is not None)
    return numbered(Document(title, kept, (words("design_page.unread"),), info.notice, foot=words("design_page.foot")))


def _comparison(name: str, part: Numbers) -> Section | None:
    """Two arms of several."""
    label = part.contrast_label
    sections = [f(part) for f in (patients_section, baseline_section, lost_section, power_section)]
    return part_section(name, words("sections.comparison_of", contrast=label), label, sections)


def _lock(numbers: Numbers) -> Blocks:
    lock = numbers.study.lock.lock
    assert lock is not None
    read = ", ".join(
        f"{table} ({words('counts.row', count=given['rows'])}, {words('counts.column', count=len(given['columns']))})"
        for table, given in lock.data.items()
    )
    blocks: Blocks = [text(" ".join(locked(numbers))), text(words("design_page.read", tables=read))]
    warned = tuple((Run(w),) for w in warnings(numbers))
    return [*blocks, Bullets(warned)] if warned else blocks


def design_lines(study: Study) -> Iterator[str]:
    """Lines for a terminal: a design's sizes, balance and equipoise, then what to look at; of several arms each comparison."""
    numbers = Numbers(study)
    yield from _lines(numbers, "")
    for name, part in numbers.comparisons.items():
        yield from _lines(part, f"{name}/")
    if numbers.protocol.missing.impute is not None:
        yield f"imputation  {words('design_page.line.imputation')}"
    for warning in warnings(numbers):
        yield f"warning     {warning}"


def _lines(numbers: Numbers, where: str) -> Iterator[str]:
    """where: before the name of a design."""
    told: set[str] = set()  # designs of one score say the same of it
    for design in numbers.design_names:
        yield f"sizes       {where}{design}: {', '.join(_size(numbers, design, a) for a in numbers.arms)}"
        found = largest(numbers, design)
        if found:
            most = f"{fmt.number(found[0][1], 2)} ({numbers.covariate_words(found[0][0])})"
            limits = ", ".join(
                words("design_page.above", n=str(sum(s > t for _, s in found)), limit=fmt.short(t))
                for t in numbers.protocol.balance_thresholds
            )
            yield f"balance     {where}{design}: {words('design_page.line.largest', smd=most)}; {limits}"
        score = _score(numbers, design)
        if score and score not in told:
            yield f"score       {where}{design}: {score}"
            told.add(score)
    for line in power_lines(numbers):
        yield f"detectable  {where}{line}"


def _size(numbers: Numbers, design: str, arm: str) -> str:
    n = fmt.count(numbers.arm_n(design, arm))
    return words("design_page.size", arm=numbers.arm_label(arm), n=n, effective=fmt.number(effective(numbers, design, arm), 1))


def _score(numbers: Numbers, design: str) -> str:
    """`c statistic 0.763, patients per coefficient 6.7; preference score of 0.3 to 0.7: Alfa 57%, Beta 53%`."""
    said = []
    for name, decimals in (("c_statistic", 3), ("events_per_coefficient", 1)):
        row = numbers.row("design", "value", design=design, variable=name)
        if row is not None:
            said.append(words(f"design_page.{name}", value=fmt.number(row.value, decimals)))
    shares = ", ".join(f"{arm} {part:.0%}" for arm, part in _shares(numbers, design))
    return ", ".join(said) + (f"; {words('design_page.equipoise', shares=shares)}" if shares else "")


def lock_line(study: Study, new: bool) -> str:
    lock = study.lock.lock
    assert lock is not None
    what = words("design_page.line.new" if new else "design_page.line.unchanged")
    return words(
        "design_page.line.locked",
        what=what,
        moment=moment(lock.locked),
        protocol=lock.protocol_sha256[:SHORT],
        data=lock.data_hash[:SHORT],
    )


def state_lines(state: LockState) -> Iterator[str]:
    """What a run found of a lock; nothing where there is none."""
    if state.lock is None:
        if state.file:
            yield words("design_page.line.other_study", file=state.file)
        return
    since = words("design_page.line.changed") if state.changes else words("design_page.line.same")
    yield words("design_page.line.state", moment=moment(state.lock.locked), since=since)
    yield from state.changes


def warnings(numbers: Numbers) -> list[str]:
    """Balance above the larger threshold, effective sizes below FEW, arms out of equipoise, designs that could not be made; and
    what the designs said themselves."""
    limit = numbers.protocol.balance_thresholds[1]
    said = [words("design_page.warning.unmade", design=d, why=why) for d, why in numbers.study.designs.unmade.items()]
    for design in numbers.design_names:
        if design == "unadjusted":
            continue
        label = numbers.design_label(design)
        above = [f"{numbers.covariate_words(v)} {fmt.number(s, 2)}" for v, s in largest(numbers, design) if s > limit]
        above += [
            words("design_page.warning.apart", covariate=numbers.covariate_words(v))
            for v in balanced_variables(numbers)
            if apart(numbers, v, design)
        ]
        if above:
            said.append(
                words("design_page.warning.unbalanced", design=label, limit=fmt.short(limit), covariates=fmt.listed(above))
            )
        for arm in numbers.arms:
            n = effective(numbers, design, arm)
            if n < FEW and not numbers.study.design(design).sample.weighted:  # of weights the design says it itself
                said.append(
                    words(
                        "design_page.warning.few", design=label, n=fmt.number(n, 1), arm=fmt.lower_first(numbers.arm_label(arm))
                    )
                )
        low = [
            words("design_page.warning.share", percent=f"{s:.0%}", arm=fmt.lower_first(w))
            for w, s in _shares(numbers, design)
            if s < EQUIPOISE
        ]
        if low:
            said.append(words("design_page.warning.equipoise", design=label, shares=fmt.listed(low)))
    said += [*(r for d in numbers.study.designs for r in d.remarks), *role_remarks(numbers.protocol)]
    for part in numbers.comparisons.values():
        said += [f"{fmt.upper_first(part.contrast_label)}: {warning}" for warning in warnings(part)]
    return list(dict.fromkeys(said))


def _shares(numbers: Numbers, design: str) -> list[tuple[str, float]]:
    found = [(numbers.arm_label(a), share(numbers, design, a)) for a in numbers.arms]
    return [(said, s) for said, s in found if s == s]
