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
    """counts: treatment -> patients, told from `least` on. compared: the arms; one, or none of several, where all treated
    patients are one arm."""

    counts: Counter[str]
    compared: tuple[str, ...]
    reference: str
    least: int = 0

    @property
    def single(self) -> bool:
        return len(self.compared) < 2

    @property
    def ranked(self) -> list[str]:
        return [d for d, _ in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))]

    @property
    def listed(self) -> str:
        return ", ".join(f"{d} ({told(self.counts[d], self.least)})" for d in self.ranked)


def told(n: int, least: int) -> str:
    """A number of patients, or that it is small."""
    return str(n) if n >= least else f"fewer than {least}"


def drugs_of(counts: Counter[str], given: Given, least: int = 0) -> Drugs:
    """Every treatment of FEWEST patients is an arm, the most frequent of many; where fewer than two are, the two most frequent.
    Raises DataError for a named treatment that nobody received."""
    strange = [d for d in (*given.arms, *([given.reference] if given.reference else [])) if d not in counts]
    if strange:
        message = f"nobody received '{strange[0]}'; the treatments are {', '.join(sorted(counts))}"
        raise DataError(Fault("--arm-is" if strange[0] in given.arms else "--reference", "arm", message))
    all_of_them = Drugs(counts, (), "", least)
    real = [d for d in all_of_them.ranked if not means(d, "no_arm")]
    large = [d for d in real if counts[d] >= FEWEST]
    compared = list(given.arms) or (large[:MOST_ARMS] if len(large) > 2 else real[:2])
    if given.reference and given.reference not in compared:
        compared = [*compared[:-1], given.reference]
    if given.single or len(compared) < 2:
        return Drugs(counts, tuple(compared) if len(counts) == 1 or given.arms else (), "", least)
    compared.sort(key=lambda d: (-counts[d], d))
    controls = [d for d in compared if control(d)]
    return Drugs(counts, tuple(compared), given.reference or (controls or compared)[0], least)


def asked_drugs(counts: Counter[str], given: Given, ask: Ask | None, least: int = 0) -> Given:
    """The answers to the questions of arms and reference, where somebody is there to give them."""
    found = drugs_of(counts, given, least)
    if ask is None or given.single or len(counts) == 1:
        return given
    if not given.arms and len(counts) > 2:
        answers = {d: f"{told(counts[d], least)} patients" for d in found.ranked} | {ALL: "nothing is compared"}
        default = ", ".join(str(1 + found.ranked.index(d)) for d in found.compared) or str(len(answers))
        chosen = ask(Question("1 Which treatments are the arms?", answers, default, several=True))
        given = replace(given, single=True) if ALL in chosen else replace(given, arms=tuple(chosen))
        found = drugs_of(counts, given)
    if not given.reference and not found.single:
        answers = {d: f"{told(counts[d], least)} patients" for d in found.compared}
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
    others = [d for d in drugs.ranked if d not in drugs.compared]
    return "\n".join([*lines, *_left(others)])


def _left(others: list[str]) -> list[str]:
    if not others:
        return []
    lines = ["eligibility:", '  start: "Patients in the data"', "  steps:", '    - label: "Analyzed"', "      exclude:"]
    for drug in others:
        where = f"drug = {literal(drug)}"
        lines.append(f"        - {{reason: {text(f'Received {drug}')}, table: index_treatment, where: {text(where)}}}")
    return [*lines, ""]


def _one_arm(drugs: Drugs) -> str:
    """One treatment, or all treated patients; the treatments that they received in a comment."""
    only = drugs.compared[0] if drugs.compared else ""
    others = [d for d in drugs.ranked if only and d != only]
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
            *_left(others),
        )
    )
