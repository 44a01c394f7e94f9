"""Which column is the treatment, which of its values are compared, and what is asked where no name says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from equipoise.errors import DataError, Fault
from equipoise.protocol.population import MOST_ARMS
from equipoise.start.columns import Seen, plain_number
from equipoise.start.given import Given
from equipoise.start.headings import coded
from equipoise.start.later import known_later
from equipoise.start.patient import identifying
from equipoise.start.vocabulary import control, folded, means, named_wholly, names, treats, without

FEWEST = 5  # patients of an arm that is offered
MOST_VALUES = 12
ONE_ARM_EMPTY = 0.2  # share of empty cells above which one value is no single arm, but one treatment against nobody knows what
PLANNED = ("TRT01P", "TRTP", "TRT01A", "TRTA", "ARM", "ACTARM")
NEVER = ("age", "sex", "race", "stage", "site")


@dataclass(frozen=True, slots=True)
class ArmGuess:
    """values: the arms as they stand in the column, or the only one; others: patients with another value or none. reference,
    focal: '' where there is one; of more than two there is no focal one. counts: patients of each value."""

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
        return Arms(_arm(asked, "named with --arm", given) if asked.counts else None)
    free = [c for c in seen.values() if c.name not in taken and not identifying(c) and not c.date and not _never(c)]
    named = [c for c in free if named_arm(c) and _offered(c) and len(c.counts) <= MOST_VALUES]
    if named:
        named.sort(key=lambda c: (_planned(c), len(c.counts) != 2, not named_wholly(c.name, "arm", "group_of_arms", "filler")))
        others = tuple(_arm(c, "its name says so") for c in named[1:4] if c.name not in PLANNED)
        return Arms(_arm(named[0], "its name says so", given), others)
    only = [c for c in free if named_arm(c) and len(_large(c)) == 1]
    if only:
        column = only[0]
        if column.empty <= ONE_ARM_EMPTY * column.n:
            return Arms(_arm(column, "its name says so, and it holds one treatment"))
        why = f"'{column.name}' holds one treatment, and {column.empty} of {column.n} cells are empty"
        return Arms(None, _candidates(free), why)
    kinds = [c for c in free if _offered(c) and len(c.counts) <= MOST_VALUES and not c.says("no_arm") and kind_of(c.values)]
    if kinds:
        reason = "its values are names of drugs or of operations, but the name is not that of a treatment; CONFIRM"
        return Arms(_arm(kinds[0], reason, given), _candidates([c for c in free if c is not kinds[0]]))
    told = [c for c in free if len(c.counts) == 2 and _offered(c) and any(_says_control(v) for v in c.values)]
    if told:
        reason = "its values say so, but the name is not that of a treatment; CONFIRM"
        return Arms(_arm(told[0], reason, given), _candidates([c for c in free if c not in told[:1]]))
    others = _candidates(free)
    return Arms(None, others, "no column is named as a treatment" if others else "")


def named_arm(column: Seen) -> bool:
    """Whether a name says treatment, arm or study group. 'Age group' and 'prior therapy' do not; doses may be arms."""
    name = without(without(column.name, "dose_arm"), "first_line")
    if not (column.says("arm") or column.says("group")) or names(name, "no_arm"):
        return False
    return column.says("arm") or named_wholly(name, "group", "group_of_arms", "filler")


def kind_of(values: Iterable[str]) -> str:
    """drug or operation, where every value is one; '' where not."""
    found = {treats(v) for v in values}
    return found.pop() if len(found) == 1 else ""


def surgical(arm: ArmGuess) -> bool:
    """Whether the arms are operations, so that what was measured during one is no covariate."""
    return names(arm.column, "operation") or kind_of(arm.labels or arm.values) == "operation"


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


def _arm(column: Seen, reason: str, given: Given | None = None) -> ArmGuess:
    """given: what the user named of the chosen arm. Every treatment of FEWEST patients is an arm, the most frequent of many."""
    said = coded(column.name, list(column.counts)) if column.number else {}
    common = [v for v, _ in sorted(column.counts.items(), key=lambda item: (-item[1], item[0]))]
    common = [v for v in common if not means(said.get(v, v), "no_arm")] or common
    asked = _as_cells(column, (given.reference,) if given and given.reference else ())
    named = _named(column, given)
    common = named or _first(common, [v for v in asked if v in common])
    large = [v for v in common if column.counts[v] >= FEWEST]
    if not named and len(large) > 2:
        common = large[:MOST_ARMS]
        reason += f"; {len(common)} treatments of {FEWEST} patients and more: CONFIRM"
    elif not named:
        common = common[:2]
        if len(common) == 2 and len(large) < 2 and column.n > 4 * FEWEST:
            common = common[:1]
            reason += f"; no other value has {FEWEST} patients"
    values = tuple(v for v in column.values if v in common)
    counts = tuple(column.counts[v] for v in values)
    others = column.n - sum(counts)
    if len(values) == 1:
        return ArmGuess(column.name, values, "", "", others, reason, counts)
    labels = tuple(said[v] for v in values) if said else ()
    controls = [v for v in values if control(said.get(v, v))]
    first = asked[0] if asked and asked[0] in values else controls[0] if len(controls) == 1 else common[0]
    smaller = "" if len(values) > 2 else min(values, key=lambda v: (column.counts[v], v == first, folded(v)))
    return ArmGuess(column.name, values, first, smaller, others, reason, counts, labels)


def _named(column: Seen, given: Given | None) -> list[str]:
    named = _as_cells(column, given.arms if given else ())
    strange = [v for v in named if v not in column.counts]
    if strange:
        message = f"the column '{column.name}' has no value '{strange[0]}'; it has {', '.join(_large(column))}"
        raise DataError(Fault("--arm-is", "arm", message))
    return list(dict.fromkeys(named))


def _as_cells(column: Seen, given: tuple[str, ...]) -> list[str]:
    return [plain_number(v) if column.number else v for v in given]


def _first(values: list[str], these: list[str]) -> list[str]:
    return [*these, *(v for v in values if v not in these)]


def pair_of(arm: ArmGuess) -> ArmGuess:
    """Of several arms the reference and the most frequent other one."""
    count = dict(zip(arm.values, arm.counts, strict=True))
    other = max((v for v in arm.values if v != arm.reference), key=lambda v: count[v])
    values = tuple(v for v in arm.values if v in (arm.reference, other))
    label = dict(zip(arm.values, arm.labels, strict=True)) if arm.labels else {}
    smaller = min(values, key=lambda v: (count[v], v == arm.reference, folded(v)))
    counts, labels = tuple(count[v] for v in values), tuple(label[v] for v in values if label)
    return replace(arm, values=values, counts=counts, labels=labels, focal=smaller)
