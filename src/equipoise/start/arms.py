"""Which column is the treatment, which of its values are compared, and what is asked where no name says it."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.start.columns import Seen, plain_number
from equipoise.start.given import Given
from equipoise.start.headings import coded
from equipoise.start.later import known_later
from equipoise.start.patient import identifying
from equipoise.start.vocabulary import control, folded, means, named_wholly

FEWEST = 5  # patients of an arm that is offered
MOST_VALUES = 12
ONE_ARM_EMPTY = 0.2  # share of empty cells above which one value is no single arm, but one treatment against nobody knows what
PLANNED = ("TRT01P", "TRTP", "TRT01A", "TRTA", "ARM", "ACTARM")
NEVER = ("age", "sex", "race", "stage", "site")


@dataclass(frozen=True, slots=True)
class ArmGuess:
    """values: the two arms as they stand in the column, or the only one; others: patients with another value or none.
    reference, focal: '' where there is one. counts: patients of each value."""

    column: str
    values: tuple[str, ...]
    reference: str
    focal: str
    others: int
    reason: str
    counts: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()  # of the values, where the heading explains codes

    @property
    def listed(self) -> str:
        """The column with its arms: 'Treatment' (A 60, B 58)."""
        return f"'{self.column}' ({', '.join(f'{v} {n}' for v, n in zip(self.values, self.counts, strict=True))})"


@dataclass(frozen=True, slots=True)
class Arms:
    """chosen: the arm that is used; None: all patients are one arm. others: candidates beside it. open: why it must be asked."""

    chosen: ArmGuess | None
    others: tuple[ArmGuess, ...] = ()
    open: str = ""


def guess_arms(seen: dict[str, Seen], given: Given, taken: set[str | None]) -> Arms:
    """taken: columns with another role. Age, sex, race, stage, center and the outcome are never treatments."""
    if given.single:
        return Arms(None)
    if given.arm:
        asked = seen[given.arm]
        return Arms(_arm(asked, "named with --arm", given.reference) if asked.counts else None)
    free = [c for c in seen.values() if c.name not in taken and not identifying(c) and not c.date and not _never(c)]
    named = [c for c in free if named_arm(c) and _offered(c) and len(c.counts) <= MOST_VALUES]
    if named:
        named.sort(key=lambda c: (_planned(c), len(c.counts) != 2, not named_wholly(c.name, "arm", "group_of_arms", "filler")))
        others = tuple(_arm(c, "its name says so") for c in named[1:4] if c.name not in PLANNED)
        return Arms(_arm(named[0], "its name says so", given.reference), others)
    only = [c for c in free if named_arm(c) and len(_large(c)) == 1]
    if only:
        column = only[0]
        if column.empty <= ONE_ARM_EMPTY * column.n:
            return Arms(_arm(column, "its name says so, and it holds one treatment"))
        why = f"'{column.name}' holds one treatment, and {column.empty} of {column.n} cells are empty"
        return Arms(None, _candidates(free), why)
    told = [c for c in free if len(c.counts) == 2 and _offered(c) and any(_says_control(v) for v in c.values)]
    if told:
        reason = "its values say so, but the name is not that of a treatment; CONFIRM"
        return Arms(_arm(told[0], reason, given.reference), _candidates([c for c in free if c not in told[:1]]))
    others = _candidates(free)
    return Arms(None, others, "no column is named as a treatment" if others else "")


def named_arm(column: Seen) -> bool:
    """Whether a name says treatment, arm or study group. 'Age group' and 'prior therapy' do not."""
    if column.says("no_arm") or not (column.says("arm") or column.says("group")):
        return False
    return column.says("arm") or named_wholly(column.name, "group", "group_of_arms", "filler")


def _planned(column: Seen) -> int:
    """The place of a name of ADaM and SDTM: the planned treatment before the actual one."""
    return PLANNED.index(column.name) if column.name in PLANNED else len(PLANNED)


def _never(column: Seen) -> bool:
    return column.says(*NEVER) or known_later(column)


def _large(column: Seen) -> list[str]:
    return [v for v in column.values if column.counts[v] >= FEWEST]


def _offered(column: Seen) -> bool:
    return len(_large(column)) >= 2


def _says_control(value: str) -> bool:
    return control(value) and not means(value, "no")


def _candidates(free: list[Seen]) -> tuple[ArmGuess, ...]:
    """Every column of two values."""
    two = [c for c in free if len(c.counts) == 2 and _offered(c) and not c.says("no_arm")]
    return tuple(_arm(c, "two values, but the name is not that of a treatment; CONFIRM") for c in two)[:6]


def _arm(column: Seen, reason: str, reference: str | None = None) -> ArmGuess:
    common = [v for v, _ in sorted(column.counts.items(), key=lambda item: (-item[1], item[0]))]
    asked = plain_number(reference) if reference and column.number else reference
    if asked in common:
        common = [asked, *(v for v in common if v != asked)]
    common = common[:2]
    if len(common) == 2 and column.counts[common[1]] < FEWEST and column.n > 4 * FEWEST:
        common = common[:1]
        reason += f"; no other value has {FEWEST} patients"
    values = [v for v in column.values if v in common]
    counts = tuple(column.counts[v] for v in values)
    others = column.n - sum(counts)
    if len(common) == 1:
        return ArmGuess(column.name, (common[0],), "", "", others, reason, counts)
    said = coded(column.name, list(column.counts)) if column.number else {}
    labels = tuple(said[v] for v in values) if said else ()
    controls = [v for v in values if control(said.get(v, v))]
    first = asked if asked in values else controls[0] if len(controls) == 1 else common[0]
    smaller = min(values, key=lambda v: (column.counts[v], v == first, folded(v)))
    return ArmGuess(column.name, (values[0], values[1]), str(first), smaller, others, reason, counts, labels)
