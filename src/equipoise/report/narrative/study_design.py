"""Design of the study and its patients, in the words of the Methods: from the settings of the protocol and nothing else."""

from __future__ import annotations

from equipoise.protocol.expressions import columns_of
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.measures import Window
from equipoise.protocol.packs import behind
from equipoise.report import format as fmt
from equipoise.report.front_matter import unknown
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.as_read import as_read
from equipoise.report.narrative.omop import omop_index, omop_windows
from equipoise.report.windows import used_windows, window_words
from equipoise.report.words import texts, words

NOT_IN_WINDOW = "was not recorded in its window"


def study_design(numbers: Numbers) -> list[str]:
    """Kind of study, arms, setting, index date."""
    study = numbers.protocol.study
    return [_kind(numbers), words("methods.design.setting", setting=study.setting) if study.setting else "", *_index(numbers)]


def patients(numbers: Numbers) -> list[str]:
    """Eligibility, restricted populations, windows before the index date, scores and their papers."""
    said = [*_eligibility(numbers), *_restrictions(numbers)]
    if numbers.protocol.data.tables is not None:
        said.append(windows(numbers))
    said += [*as_read(numbers), *(r for r in numbers.study.covariates.remarks if NOT_IN_WINDOW in r)]
    return [*said, *packs(numbers), _metadata(numbers)]


def _kind(numbers: Numbers) -> str:
    arms, ordinal = numbers.protocol.arms, _ordinal(numbers)
    part = {"population": numbers.protocol.study.population} | ({"ordinal": ordinal} if ordinal else {})
    line = "_line" if ordinal else ""
    if numbers.single:
        return words(f"methods.design.single{line}", arm=_arm(numbers, numbers.arms[0]), **part)
    treated = fmt.listed([_arm(numbers, a) for a in arms.treatments])
    return words(f"methods.design.compared{line}", arms=treated, reference=_arm(numbers, arms.reference), **part)


def _ordinal(numbers: Numbers) -> str:
    """`second` of second-line treatment, where the protocol says which line it is."""
    line = numbers.protocol.said_line
    key = f"methods.ordinal.{line}" if line is not None else ""
    return words(key) if key in texts() else ""


def _index(numbers: Numbers) -> list[str]:
    index, cutoff = numbers.protocol.index, numbers.protocol.study.data_cutoff
    if numbers.protocol.omop is not None:
        return [*omop_index(numbers.protocol), *omop_windows(numbers.protocol)]
    if index is None or numbers.protocol.data.rows is not None:
        return [words("methods.design.one_row")]
    label, span = fmt.lower_first(index.label), index.accrual
    if span.from_ and span.to:
        said = words("methods.design.index_between", label=label, first=fmt.day(span.from_), last=fmt.day(span.to))
    else:
        said = words("methods.design.index", label=label)
    return [said, words("methods.design.cutoff", cutoff=fmt.day(cutoff)) if cutoff else ""]


def _eligibility(numbers: Numbers) -> list[str]:
    asked = numbers.protocol.eligibility
    if not asked.steps:
        return []
    reasons = [fmt.lower_first(e.reason) for s in asked.steps for e in s.exclude]
    said = [words("methods.design.started", start=fmt.lower_first(asked.start))]
    said += [words("methods.design.excluded", reasons="; ".join(reasons))] if reasons else []
    return [*said, *_late_exclusions(numbers)]


def _late_exclusions(numbers: Numbers) -> list[str]:
    """Exclusions by something known only after the index date are disclosed, with the reason that the protocol gives."""
    key = "methods.design.late" if numbers.protocol.arms.single else "methods.design.late_beside"
    return [
        words(
            key,
            reason=fmt.lower_first(exclude.reason),
            day=fmt.short(exclude.landmark_day),
            why=fmt.lower_first(exclude.why.strip().removesuffix(".")),
        )
        for exclude in late_exclusions(numbers.protocol).values()
    ]


def _restrictions(numbers: Numbers) -> list[str]:
    """The populations in which the analysis was made again."""
    asked = numbers.study.protocol.restrict
    if not asked:
        return []
    listed = "; ".join(fmt.lower_first(r.label) for r in asked.values())
    again = "methods.design.again" if numbers.single else "methods.design.again_designs"
    return [words("methods.design.restricted", count=len(asked), populations=listed), words(again)]


def windows(numbers: Numbers) -> str:
    """The windows of what the study uses."""
    protocol = numbers.protocol
    used = used_windows(protocol)
    if not used:
        return ""
    parts = [_window(window_words(name), getattr(protocol.windows, name)) for name in used]
    return words("methods.design.window", windows="; ".join(parts))


def _window(name: str, window: Window) -> str:
    days = words("numbers.to", low=fmt.number(window.days[0]), high=fmt.number(window.days[1]))
    if window.flagged_from is None:
        return words("methods.design.plain", name=name, days=days)
    return words("methods.design.earlier", name=name, days=days, earliest=fmt.number(window.flagged_from))


def packs(numbers: Numbers) -> list[str]:
    """The rule packs whose columns the covariates use, and their papers; those of a study are named as its own."""
    known = numbers.protocol.rule_packs
    used = behind(known, {c for covariate in numbers.protocol.covariates.values() for c in columns_of(covariate.from_)})
    said = []
    for pack in known:
        mine = [column for name, column in pack.columns.items() if name in used]
        papers = list(dict.fromkeys(c.paper for c in mine if c.paper)) or pack.citations
        if mine and papers:
            key = "methods.design.pack" if pack.ships else "methods.design.pack_own"
            said.append(words(key, title=fmt.lower_first(pack.title), papers="; ".join(papers)))
    return said


def _metadata(numbers: Numbers) -> str:
    return " ".join(
        f"{k}: {v}." if not v.endswith(".") else f"{k}: {v}" for k, v in unknown(numbers.protocol.study.metadata).items()
    )


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
