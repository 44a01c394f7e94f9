"""The first numbers of a study that has just been begun."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.records import Study


def first_numbers(study: Study) -> Iterator[str]:
    """Patients, pairs, and for each endpoint events and medians by arm, as they were estimated."""
    protocol, cohort = study.protocol, study.cohort
    arms = {key: protocol.arms.label(key) for key in protocol.arms.groups}
    least = protocol.minimum_cell or 0
    sizes = ", ".join(f"{label} {_told(int(cohort.in_arm(key).sum()), least)}" for key, label in arms.items())
    yield f"patients    {cohort.n} of {cohort.n_start}: {sizes}"
    for design in study.designs:
        if design.paired:
            yield f"pairs       {int(design.facts['pairs'])} ({design.name})"
    for name, outcome in study.outcomes.endpoints.items():
        yield f"events      {outcome.short}: {_told(int(outcome.event.sum()), least)}"
        medians = []
        for key, label in arms.items():
            row = study.estimates.rows.get(f"survival.{name}.unadjusted.kaplan_meier.{'all' if len(arms) == 1 else key}.median")
            if row is not None:
                medians.append(
                    f"{label} {f'{row.value / protocol.days_per_unit:.1f}' if row.value == row.value else 'not reached'}"
                )
        if medians:
            yield f"median      {outcome.short}, {protocol.time_unit}: {', '.join(medians)}"


def _told(n: int, least: int) -> str:
    """A count, or that it is one which is not told."""
    return f"<{least}" if 0 < n < least else str(n)
