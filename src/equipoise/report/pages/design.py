"""The page of a design, and its lines for a terminal: everything that is known before outcomes are opened."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.document.html import render_html
from equipoise.document.model import Bullets, Document, Run, Section, numbered, text
from equipoise.protocol.roles import role_remarks
from equipoise.records import LockState, Study
from equipoise.report import format as fmt
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
from equipoise.report.themes import asked, themed
from equipoise.report.words import words

FOOT = "Written by Equipoise from the protocol and the data; the numbers of the designs stand in the lock beside this page."
FEW = 10  # effective patients of an arm


def design_page(study: Study) -> str:
    """HTML. The study has no outcomes, and its lock."""
    with themed(asked(study.protocol.report)):
        return render_html(design_document(study))


def design_document(study: Study) -> Document:
    """The lock, what to look at, flow, Table 1, balance, overlap, who was lost."""
    numbers = Numbers(study)
    sections = [
        section("lock", "The lock", _lock(numbers)),
        patients_section(numbers),
        baseline_section(numbers),
        None if numbers.single else lost_section(numbers),
        power_section(numbers),
        *(_comparison(name, part) for name, part in numbers.comparisons.items()),
    ]
    info = study.protocol.study
    title = f"Design: {fmt.lower_first(info.title)}"
    kept: tuple[Section, ...] = tuple(s for s in sections if s is not None)
    return numbered(Document(title, kept, ("No column of an outcome was read for this page.",), info.notice, foot=FOOT))


def _comparison(name: str, part: Numbers) -> Section | None:
    """Two arms of several."""
    label = part.contrast_label
    sections = [f(part) for f in (patients_section, baseline_section, lost_section, power_section)]
    return part_section(name, f"Comparison: {label}", label, sections)


def _lock(numbers: Numbers) -> Blocks:
    lock = numbers.study.lock.lock
    assert lock is not None
    read = ", ".join(
        f"{table} ({words('counts.row', count=given['rows'])}, {len(given['columns'])} columns)"
        for table, given in lock.data.items()
    )
    blocks: Blocks = [text(" ".join(locked(numbers))), text(f"Read for the design: {read}.")]
    warned = tuple((Run(w),) for w in warnings(numbers))
    return [*blocks, Bullets(warned)] if warned else blocks


def design_lines(study: Study) -> Iterator[str]:
    """Lines for a terminal: a design's sizes, balance and equipoise, then what to look at; of several arms each comparison."""
    numbers = Numbers(study)
    yield from _lines(numbers, "")
    for name, part in numbers.comparisons.items():
        yield from _lines(part, f"{name}/")
    if numbers.protocol.missing.impute is not None:
        yield "imputation  comes after outcomes are opened, for they take part in it; these designs are of complete cases"
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
                f"{sum(s > t for _, s in found)} above {fmt.short(t)}" for t in numbers.protocol.balance_thresholds
            )
            yield f"balance     {where}{design}: largest |SMD| {most}; {limits}"
        score = _score(numbers, design)
        if score and score not in told:
            yield f"score       {where}{design}: {score}"
            told.add(score)
    for line in power_lines(numbers):
        yield f"detectable  {where}{line}"


def _size(numbers: Numbers, design: str, arm: str) -> str:
    n = fmt.count(numbers.arm_n(design, arm))
    return f"{numbers.arm_label(arm)} {n} (effective {fmt.number(effective(numbers, design, arm), 1)})"


def _score(numbers: Numbers, design: str) -> str:
    """`c statistic 0.763, patients per coefficient 6.7; preference score of 0.3 to 0.7: Alfa 57%, Beta 53%`."""
    said = []
    for name, told, decimals in (("c_statistic", "c statistic", 3), ("events_per_coefficient", "patients per coefficient", 1)):
        row = numbers.row("design", "value", design=design, variable=name)
        if row is not None:
            said.append(f"{told} {fmt.number(row.value, decimals)}")
    shares = ", ".join(f"{arm} {part:.0%}" for arm, part in _shares(numbers, design))
    return ", ".join(said) + (f"; in equipoise {shares}" if shares else "")


def lock_line(study: Study, new: bool) -> str:
    lock = study.lock.lock
    assert lock is not None
    what = "locked" if new else "nothing changed since it was locked"
    return f"{what} on {moment(lock.locked)}; protocol {lock.protocol_sha256[:SHORT]}, data {lock.data_hash[:SHORT]}"


def state_lines(state: LockState) -> Iterator[str]:
    """What a run found of a lock; nothing where there is none."""
    if state.lock is None:
        if state.file:
            yield f"{state.file} is the lock of another study, and says nothing of this one"
        return
    since = "changed since:" if state.changes else "design and data are as they were"
    yield f"locked on {moment(state.lock.locked)}; {since}"
    yield from state.changes


def warnings(numbers: Numbers) -> list[str]:
    """Balance above the larger threshold, effective sizes below FEW, arms out of equipoise, designs that could not be made; and
    what the designs said themselves."""
    limit = numbers.protocol.balance_thresholds[1]
    said = [f"{d} could not be made: {why}" for d, why in numbers.study.designs.unmade.items()]
    for design in numbers.design_names:
        if design == "unadjusted":
            continue
        label = numbers.design_label(design)
        above = [f"{numbers.covariate_words(v)} {fmt.number(s, 2)}" for v, s in largest(numbers, design) if s > limit]
        above += [
            f"{numbers.covariate_words(v)} (the arms share nothing)"
            for v in balanced_variables(numbers)
            if apart(numbers, v, design)
        ]
        if above:
            said.append(f"{label}: unbalanced beyond {fmt.short(limit)} in {fmt.listed(above)}.")
        for arm in numbers.arms:
            n = effective(numbers, design, arm)
            if n < FEW and not numbers.study.design(design).sample.weighted:  # of weights the design says it itself
                said.append(
                    f"{label}: an effective sample size of {fmt.number(n, 1)} with {fmt.lower_first(numbers.arm_label(arm))}."
                )
        low = [f"{s:.0%} with {fmt.lower_first(w)}" for w, s in _shares(numbers, design) if s < EQUIPOISE]
        if low:
            said.append(f"{label}: fewer than half of the patients are in equipoise ({fmt.listed(low)}).")
    said += [*(r for d in numbers.study.designs for r in d.remarks), *role_remarks(numbers.protocol)]
    for part in numbers.comparisons.values():
        said += [f"{fmt.upper_first(part.contrast_label)}: {warning}" for warning in warnings(part)]
    return list(dict.fromkeys(said))


def _shares(numbers: Numbers, design: str) -> list[tuple[str, float]]:
    found = [(numbers.arm_label(a), share(numbers, design, a)) for a in numbers.arms]
    return [(said, s) for said, s in found if s == s]
