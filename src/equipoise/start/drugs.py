"""The treatments of a folder of raw tables: which are the arms, and what is asked of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from equipoise.errors import DataError, Fault
from equipoise.protocol.population import MOST_ARMS
from equipoise.start.arms import FEWEST
from equipoise.start.columns import slug, unique
from equipoise.start.given import Given
from equipoise.start.questions import ALL, Ask, Question
from equipoise.start.scalars import literal, text
from equipoise.start.vocabulary import control, means


@dataclass(frozen=True, slots=True)
class Drugs:
    """counts: treatment -> patients; of fewer than the least that may be told none is here. compared: the arms; one, or none of
    several, where all treated patients are one arm. few: there are treatments of fewer."""

    counts: Counter[str]
    compared: tuple[str, ...]
    reference: str
    few: bool = False

    @property
    def single(self) -> bool:
        return len(self.compared) < 2

    @property
    def ranked(self) -> list[str]:
        return [d for d, _ in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))]

    @property
    def listed(self) -> str:
        named = [f"{d} ({self.counts[d]})" for d in self.ranked]
        return ", ".join([*named, "others of few patients"] if self.few else named)


def drugs_of(counts: Counter[str], given: Given, least: int = 0) -> Drugs:
    """Every treatment of FEWEST patients is an arm, the most frequent of many; where fewer than two are, the two most frequent.
    least: treatments of fewer patients are neither named nor taken. Raises DataError for a named treatment that nobody, or not as
    many, received, and where all patients together are fewer."""
    if counts.total() < least:
        raise DataError(Fault("index_treatment", "too few", f"the table has fewer than {least} treated patients"))
    recorded, counts = len(counts), Counter({d: n for d, n in counts.items() if n >= least})
    few = len(counts) < recorded
    strange = [d for d in (*given.arms, *([given.reference] if given.reference else [])) if d not in counts]
    if strange:
        nobody = (
            f"nobody received '{strange[0]}'" if not least else f"fewer than {least} patients or none received '{strange[0]}'"
        )
        message = f"{nobody}; the treatments are {', '.join(sorted(counts)) or 'of as few'}"
        raise DataError(Fault("--arm-is" if strange[0] in given.arms else "--reference", "arm", message))
    all_of_them = Drugs(counts, (), "", few)
    real = [d for d in all_of_them.ranked if not means(d, "no_arm")]
    large = [d for d in real if counts[d] >= FEWEST]
    compared = list(given.arms) or (large[:MOST_ARMS] if len(large) > 2 else real[:2])
    if given.reference and given.reference not in compared:
        compared = [*compared[:-1], given.reference]
    if given.single or len(compared) < 2:
        return Drugs(counts, tuple(compared) if recorded == 1 or given.arms else (), "", few)
    compared.sort(key=lambda d: (-counts[d], d))
    controls = [d for d in compared if control(d)]
    return Drugs(counts, tuple(compared), given.reference or (controls or compared)[0], few)


def asked_drugs(counts: Counter[str], given: Given, ask: Ask | None, least: int = 0) -> Given:
    """The answers to the questions of arms and reference, where somebody is there to give them."""
    found = drugs_of(counts, given, least)
    if ask is None or given.single or len(counts) == 1 or not found.counts:
        return given
    if not given.arms and len(counts) > 2:
        answers = {d: f"{found.counts[d]} patients" for d in found.ranked} | {ALL: "nothing is compared"}
        default = ", ".join(str(1 + found.ranked.index(d)) for d in found.compared) or str(len(answers))
        chosen = ask(Question("1 Which treatments are the arms?", answers, default, several=True))
        given = replace(given, single=True) if ALL in chosen else replace(given, arms=tuple(chosen))
        found = drugs_of(counts, given, least)
    if not given.reference and not found.single:
        answers = {d: f"{found.counts[d]} patients" for d in found.compared}
        question = "2 Which treatment is the reference, the denominator of every hazard ratio?"
        given = replace(given, reference=ask(Question(question, answers, found.reference))[0])
    return given


def drugs_block(drugs: Drugs) -> str:
    """`arms`, and `eligibility` where other treatments leave."""
    if drugs.single:
        return _one_arm(drugs)
    taken: set[str] = set()
    keys = {d: unique(slug(d, "arm"), taken) for d in drugs.compared}
    groups = ", ".join(f"{keys[d]}: {{label: {text(d)}, value: {text(d)}}}" for d in drugs.compared)
    two = len(drugs.compared) == 2
    focal = f", focal: {keys[drugs.compared[1]]}" if two else ""
    how = "The focal arm is matched to." if two else f"Each treatment of {FEWEST} patients and more is one: CONFIRM."
    lines = [
        f"# EDIT 1 and 2: the arms, and the reference: the denominator of every hazard ratio. {how}",
        f"# Treatments in index_treatment: {drugs.listed}.",
        f"arms: {{column: drug, groups: {{{groups}}}, reference: {keys[drugs.reference]}{focal}}}",
        "",
    ]
    return "\n".join([*lines, *_left(drugs)])


def _left(drugs: Drugs) -> list[str]:
    """Who received another treatment, each by its name; those of treatments that are not named, in one reason."""
    others = [d for d in drugs.ranked if d not in drugs.compared]
    left = [(f"Received {drug}", f"drug = {literal(drug)}") for drug in others]
    if drugs.few:
        left.append(("Received another treatment", f"drug not in ({', '.join(map(literal, drugs.ranked))})"))
    if not left:
        return []
    lines = ["eligibility:", '  start: "Patients in the data"', "  steps:", '    - label: "Analyzed"', "      exclude:"]
    lines += [f"        - {{reason: {text(why)}, table: index_treatment, where: {text(where)}}}" for why, where in left]
    return [*lines, ""]


def _one_arm(drugs: Drugs) -> str:
    """One treatment, or all treated patients; the treatments that they received in a comment."""
    only = drugs.compared[0] if drugs.compared else ""
    others = bool(only) and (drugs.few or len(drugs.counts) > 1)
    key, label = (slug(only, "arm"), only) if only else ("all", "All treated patients")
    arms = f"groups: {{{key}: {{label: {text(label)}}}}}"
    if others:
        arms = f"column: drug, groups: {{{key}: {{label: {text(label)}, value: {text(only)}}}}}"
    return "\n".join(
        (
            "# EDIT 1: one arm, everybody who received an index treatment; nothing is compared. One treatment of several:",
            "# arms: {column: drug, groups: {NAME: {label: ..., value: ...}}}, the others excluded under eligibility.",
            f"# Treatments in index_treatment: {drugs.listed}.",
            f"arms: {{{arms}}}",
            "",
            *(_left(drugs) if others else []),
        )
    )
