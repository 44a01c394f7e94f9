"""Rules about the order of dates across tables: what cannot have happened is refused, what is odd is listed."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.data.check import row_faults
from equipoise.engine import Engine, quote
from equipoise.errors import Fault


@dataclass(frozen=True, slots=True)
class DateRule:
    """`wrong` is a condition over table `t` and, when `needs` names more tables, their aliases."""

    table: str
    column: str
    rule: str
    message: str
    wrong: str
    needs: tuple[str, ...] = ()
    join: str = ""


DEAD_CONTACT = "the death is dated after the last contact; the last contact of a dead patient is the day of death"
UNDATED = "the patient would be censored as alive: give the date, or correct the record"
FOLLOWUP = "join followup f on f.patient_id = t.patient_id"
INDEX = "join {index} i on i.patient_id = t.patient_id"
RULES = (
    DateRule(
        "followup",
        "death_date",
        "death before index",
        "death is dated before the index date",
        "t.death_date < i.{date}",
        ("index",),
        INDEX,
    ),
    DateRule(
        "followup",
        "last_contact",
        "contact before index",
        "the last contact is dated before the index date",
        "t.last_contact < i.{date}",
        ("index",),
        INDEX,
    ),
    DateRule(
        "followup",
        "progression_date",
        "progression before index",
        "clinical progression is dated before the index date",
        "t.progression_date < i.{date}",
        ("index",),
        INDEX,
    ),
    DateRule(
        "followup", "death_date", "death after cut-off", "death is dated after the data cut-off", "t.death_date > t.data_cutoff"
    ),
    DateRule(
        "followup",
        "last_contact",
        "contact after cut-off",
        "the last contact is dated after the data cut-off",
        "t.last_contact > t.data_cutoff",
    ),
    DateRule(
        "followup",
        "last_contact",
        "contact after death",
        "the last contact is dated after the death",
        "t.last_contact > t.death_date",
    ),
    DateRule("followup", "last_contact", "contact before death", DEAD_CONTACT, "t.last_contact < t.death_date"),
    DateRule(
        "followup",
        "progression_date",
        "progression after death",
        "clinical progression is dated after the last contact",
        "t.progression_date > t.last_contact",
    ),
    DateRule(
        "visit_imaging",
        "date",
        "scan after last contact",
        "the scan is dated after the patient's last contact",
        "t.date > f.last_contact",
        ("followup",),
        FOLLOWUP,
    ),
    DateRule(
        "subsequent_therapy",
        "start",
        "therapy after last contact",
        "the treatment starts after the patient's last contact",
        "t.start > f.last_contact",
        ("followup",),
        FOLLOWUP,
    ),
    DateRule(
        "subsequent_therapy",
        "start",
        "therapy before index",
        "a later line starts before the index date",
        "t.start < i.{date}",
        ("index",),
        INDEX,
    ),
    DateRule(
        "followup",
        "death_date",
        "dead without a date",
        f"a cause or source of death stands here without a date of death; {UNDATED}",
        "t.death_date is null and (t.death_cause is not null or t.death_source is not null)",
    ),
    DateRule(
        "exposure",
        "stop_reason",
        "dead without a date",
        f"treatment ended with death, and follow-up has no date of death; {UNDATED}",
        "t.stop_reason = 'death' and f.death_date is null",
        ("followup",),
        FOLLOWUP,
    ),
    DateRule("exposure", "stop", "interval reversed", "the dosing interval ends before it starts", "t.stop < t.start"),
    DateRule("ae", "stop", "event reversed", "the adverse event ends before it starts", "t.stop < t.start"),
)


def date_faults(engine: Engine, files: dict[str, tuple[str, int]], index_table: str, index_date: str) -> list[Fault]:
    """All breaches. files: table -> (file name, row number of the first data row)."""
    faults: list[Fault] = []
    for rule in RULES:
        needed = [rule.table, *(index_table if n == "index" else n for n in rule.needs)]
        if not all(engine.has(t) for t in needed):
            continue
        join = rule.join.format(index=index_table)
        wrong = rule.wrong.format(date=quote(index_date))
        found = engine.rows(
            f"select t.source_row, cast(t.{quote(rule.column)} as varchar) from {rule.table} t {join} where {wrong} order by 1"
        )
        file, first_row = files[rule.table]
        faults += row_faults([(r[0] + first_row - 1, r[1]) for r in found], rule.rule, rule.message, file, rule.column)
    return faults
