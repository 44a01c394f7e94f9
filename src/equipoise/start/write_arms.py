"""The blocks `arms` and `eligibility`: who is compared, who is left out and counted."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.open_questions import OPEN
from equipoise.start.adam import POPULATIONS
from equipoise.start.arms import ArmGuess, pair_of
from equipoise.start.columns import Seen, slug, unique
from equipoise.start.event_values import one_sided, quoted
from equipoise.start.guess import Guess
from equipoise.start.scalars import among, column_sql, comment, text
from equipoise.start.vocabulary import means


def arms_block(guess: Guess) -> str:
    arm, others = guess.arm, guess.choice.others
    if guess.choice.open:
        lines = [f"# EDIT 1: {comment(guess.choice.open)}. Take one of these lines for the last one of this block:"]
        lines += [f"# {line}" for line in (*map(arm_line, others), ALL)]
        return "\n".join([*lines, f"arms: {OPEN}"]) + "\n"
    if arm is None or guess.single:
        why = f"'{arm.column}': {arm.reason}" if arm else "no column with two treatments was found or asked for"
        lines = [
            f"# EDIT 1: one arm; {comment(why)}. Nothing is compared. For two arms:",
            "# `equipoise init FILE --arm COLUMN` writes their column, reference, focal arm and design.",
            arm_line(arm) if arm else ALL,
        ]
        return "\n".join(lines) + "\n"
    number = "two" if len(arm.values) == 2 else str(len(arm.values))
    lines = [f"# EDIT 1 and 2: the {number} arms (column, values), and the reference: the denominator of every hazard ratio."]
    how = "The focal arm, matched to, is the smaller one." if arm.focal else "Each is compared with the reference."
    lines.append(f"# {comment(arm.listed)}: {comment(arm.reason)}. {how}")
    lines.append(arm_line(arm))
    if not arm.focal:
        two = pair_of(arm)
        lines += [f"# or two of them, {comment(two.listed)}, the others excluded below:", f"# {arm_line(two)}"]
    for other in others[:3]:
        lines += [f"# or {comment(other.listed)}, {other.reason}; then leave it out of the covariates:", f"# {arm_line(other)}"]
    return "\n".join(lines) + "\n"


ALL = 'arms: {groups: {all: {label: "All patients"}}}'


def arm_line(arm: ArmGuess) -> str:
    taken: set[str] = set()
    prefix = slug(arm.column, "arm")
    keys = {v: unique(slug(v, prefix), taken) for v in arm.values}
    labels = arm.labels or tuple(_label(arm.column, v) for v in arm.values)
    named = zip(arm.values, labels, strict=True)
    groups = ", ".join(f"{keys[v]}: {{label: {text(label)}, value: {text(v)}}}" for v, label in named)
    ends = f", reference: {keys[arm.reference]}" if arm.reference else ""
    ends += f", focal: {keys[arm.focal]}" if arm.focal else ""
    return f"arms: {{column: {text(arm.column)}, groups: {{{groups}}}{ends}}}"


def _label(column: str, value: str) -> str:
    """The value as it is written; a code, a letter, a yes and a no behind the name of the column."""
    bare = not any(c.isalpha() for c in value) or len(value) == 1 or means(value, "yes", "no")
    return f"{column} {value}" if bare else value


def eligibility_block(guess: Guess, seen: dict[str, Seen]) -> str:
    """The counted step that leaves out who is in no arm and whose time or event is not recorded."""
    told, reasons = [], []
    for others, reason, where in _left_by(guess, seen):
        told.append(f"# {others} row{'' if others == 1 else 's'}: {comment(reason[0].lower() + reason[1:])}.")
        reasons.append(f"        - {{reason: {text(reason)}, where: {quoted(where)}}}")
    if not reasons:
        return ""
    return "\n".join(
        (
            "# Left out, and counted in the flow diagram, each under the first reason that applies:",
            *told,
            "eligibility:",
            '  start: "Patients in the file"',
            "  steps:",
            '    - label: "Analyzed"',
            "      exclude:",
            *reasons,
            "",
        )
    )


def _left_by(guess: Guess, seen: dict[str, Seen]) -> Iterator[tuple[int, str, str]]:
    """Rows, reason and condition of each exclusion."""
    arm, flag = guess.arm, guess.population
    if flag:
        out = seen[flag].n - seen[flag].counts["Y"]
        yield out, f"{POPULATIONS[flag]} ({flag})", f"{column_sql(flag)} is null or {column_sql(flag)} <> 'Y'"
    if arm is not None and arm.others:
        kept = among(arm.column, arm.values, seen[arm.column].number)
        yield arm.others, "Other treatment, or none recorded", f"{column_sql(arm.column)} is null or not ({kept})"
    dates = guess.dates
    if dates is not None:
        if dates.undated and dates.flag and dates.happened and dates.death:
            died = among(dates.flag, dates.happened.event, seen[dates.flag].number)
            yield dates.undated, "Died, without a date of death", f"{died} and {column_sql(dates.death)} is null"
        return
    for endpoint in guess.used:
        for column, what in ((endpoint.time, "time"), (endpoint.event, "event")):
            if seen[column].empty and not (column == endpoint.event and one_sided(seen[column])):
                yield seen[column].empty, f"{endpoint.label}: {what} not recorded", f"{column_sql(column)} is null"
