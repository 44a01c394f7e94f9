"""Who is analysed, in which arm, from which day; every loss written down where it happens."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np

from equipoise.cohort.criteria import ROWS, Criterion, before_derived, criteria, criterion, define_hits, index_table
from equipoise.engine import Engine, literal, quote, read_sql, values
from equipoise.engine.text import number_as_text
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import AttritionStep, Cohort, Exclusion, Sources


def define_candidates(protocol: Protocol, sources: Sources) -> bool:
    """Define `candidate`, the patients whose derived values decide an exclusion: those whom no reason before the first such one
    leaves out, whatever their treatment. False, and nothing is defined, where no exclusion asks derived values."""
    engine = sources.engine
    _define_ground(protocol, engine)
    before = before_derived(protocol, engine)
    if before is None:
        return False
    define_hits(engine, "earlier_hit", [criterion(protocol, engine, *given) for given in before])
    engine.define("candidate", read_sql("equipoise.cohort", "candidate.sql"), "cohort")
    return True


def build_cohort(protocol: Protocol, sources: Sources) -> Cohort:
    """Apply the criteria in order and assign arms. Defines the relations eligibility and cohort; where an exclusion asks derived
    values, `define_candidates` and the derivation of theirs have gone before.

    Raises DataError when an arm is empty or a treatment is neither an arm nor excluded. The order of the patients is
    by identifier (numerically where all are numbers), so that results do not depend on the order of rows in a file.
    """
    engine = sources.engine
    _define_ground(protocol, engine)
    found_criteria = criteria(protocol, engine)
    define_hits(engine, "criterion_hit", [c for _, c in found_criteria])
    engine.define("eligibility", read_sql("equipoise.cohort", "eligibility.sql"), "cohort")
    _refuse_unknown_treatment(protocol, sources)
    engine.define("cohort", read_sql("equipoise.cohort", "cohort.sql"), "cohort")
    found = engine.fetch("select patient_id, arm, index_date, source_row from cohort")
    order = natural_order(found["patient_id"])
    arm = found["arm"][order].astype(str) if len(order) else np.empty(0, dtype=str)
    _refuse_empty_arm(protocol, arm)
    n_start = engine.rows("select count(*) from screened")[0][0]
    return Cohort(
        patient=found["patient_id"][order],
        arm=arm,
        index_date=found["index_date"][order],
        site=_sites(engine, found["patient_id"][order]),
        n_start=n_start,
        attrition=_attrition(protocol, engine, found_criteria, n_start),
        other_treatments=_treatments(protocol, engine),
        row=found["source_row"][order].astype(int),
        remarks=tuple(_undecided(engine, [c for _, c in found_criteria])),
    )


def natural_order(identifiers: np.ndarray) -> np.ndarray:
    """Positions in ascending order of identifier: as numbers where all are numbers, else as text."""
    texts = [str(i) for i in identifiers]
    if texts and all(map(str.isdecimal, texts)):
        numbers = np.array(list(map(int, texts)))  # of objects, where one is too large
        order = np.argsort(numbers, kind="stable")
        if (numbers[order[1:]] != numbers[order[:-1]]).all():
            return order
        return np.array(sorted(range(len(texts)), key=lambda k: (int(texts[k]), texts[k])), dtype=int)
    if all(map(operator.le, texts, texts[1:])):  # as an engine gives them
        return np.arange(len(texts))
    return np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=int)


def _define_ground(protocol: Protocol, engine: Engine) -> None:
    if protocol.data.rows is not None:
        table, date = ROWS, "cast(null as date)"
        engine.define("screened", f"select patient_id from {ROWS}", "cohort")
    else:
        table, date = protocol.index.table, quote(protocol.index.date)
        engine.define("screened", "select patient_id from patient", "cohort")
    treatment = _treatment_sql(protocol, engine, table)
    engine.define(
        "index_row",
        f"select patient_id, {treatment} as treatment, {date} as index_date, source_row from {table}",
        "cohort",
    )
    arms = [(key, key if arm.value is None else arm.value) for key, arm in protocol.arms.groups.items()]
    engine.define("arm_value", values(["arm", "value"], arms), "cohort")


def _treatment_sql(protocol: Protocol, engine: Engine, table: str) -> str:
    """The arms' column as text; the key of the one arm that takes every patient."""
    column = protocol.arms.column
    if column is None:
        return literal(next(iter(protocol.arms.groups)))
    # the patient identifier stands there under one name alone, whatever the file calls it
    cell = quote("patient_id" if table == ROWS and column == protocol.data.patient else column)
    if engine.columns(table).get(column) != "DOUBLE":
        return f"cast({cell} as varchar)"
    return number_as_text(cell)  # a code of a spreadsheet: 1.0 must equal the protocol's 1


def _attrition(
    protocol: Protocol, engine: Engine, applied: list[tuple[int, Criterion]], n_start: int
) -> tuple[AttritionStep, ...]:
    counted = dict(engine.rows("select exclusion, count(*) from eligibility where exclusion is not null group by exclusion"))
    labels = [step.label for step in protocol.eligibility.steps] or ["Analyzed"]
    steps, left = [], n_start
    for i, label in enumerate(labels):
        excluded = []
        for k, (step, reason) in enumerate(applied, start=1):
            n = counted.get(k, 0)
            if max(step, 0) == i and (n or not reason.implied):
                excluded.append(Exclusion(reason.reason, n))
        left -= sum(e.n for e in excluded)
        steps.append(AttritionStep(label, tuple(excluded), left))
    return tuple(steps)


def _undecided(engine: Engine, applied: list[Criterion]) -> Iterator[str]:
    """Patients whom no earlier reason left out and whom a reason cannot decide."""
    for k, reason in enumerate(applied, start=1):
        if not reason.unknown:
            continue
        reached = f"exclusion is null or exclusion >= {k}"
        n = engine.rows(f"select count(*) from eligibility where ({reached}) and patient_id in ({reason.unknown})")[0][0]
        if n:
            who = "1 patient" if n == 1 else f"{n} patients"
            then = "leave by it" if reason.absent else "do not leave by it"
            yield f"Whether '{reason.reason}' holds is unknown of {who}, because a value is missing: they {then}."


def _treatments(protocol: Protocol, engine: Engine) -> tuple[Exclusion, ...]:
    """All treatments recorded at the index date with their numbers, most frequent first."""
    if protocol.data.rows is not None or protocol.arms.column is None:
        return ()
    rows = engine.rows("select treatment, count(*) as n from index_row group by treatment order by n desc, treatment")
    return tuple(Exclusion(str(t), n) for t, n in rows)


def _refuse_unknown_treatment(protocol: Protocol, sources: Sources) -> None:
    rows = sources.engine.rows(
        "select i.source_row from index_row i join eligibility e on e.patient_id = i.patient_id "
        "where e.exclusion is null and (i.treatment is null or i.treatment not in (select value from arm_value)) order by 1"
    )
    if not rows:
        return
    table = sources.tables[index_table(protocol)]
    listed = ", ".join(str(table.row(r[0])) for r in rows[:5]) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
    where = f"row{'s' if len(rows) > 1 else ''} {listed}"
    message = "the treatment is empty or none of the arms; add it to arms.groups or exclude it in eligibility"
    raise DataError(Fault(f"{table.file}, {where}, column {protocol.arms.column}", "unknown code", message))


def _refuse_empty_arm(protocol: Protocol, arm: np.ndarray) -> None:
    faults, of_database = [], protocol.data.connection is not None or protocol.omop is not None
    for key, group in protocol.arms.groups.items():
        if not (arm == key).any():
            said = "no analysed patient is left" if group.value is None else f"no analysed patient is in the arm '{key}'"
            where = "" if group.value is None else f" ({protocol.arms.column} = '{group.value}')"
            message = f"{said}{where}; check the value and the eligibility criteria"
            faults.append(Fault(protocol.place("arms", "groups", key), "empty arm", message))
        elif of_database and int((arm == key).sum()) < (protocol.minimum_cell or 0):
            few = f"the arm '{key}' has fewer than {protocol.minimum_cell} analyzed patients (minimum_cell)"
            message = f"{few}; a study in a database stops there"
            faults.append(Fault(protocol.place("arms", "groups", key), "small arm", message))
    if faults:
        raise DataError(faults)


def _sites(engine: Engine, patients: np.ndarray) -> np.ndarray | None:
    if not engine.has("patient") or not engine.rows("select count(site) from patient")[0][0]:  # the file has no such column
        return None
    site = dict(engine.rows("select patient_id, site from patient where patient_id in (select patient_id from cohort)"))
    if not any(site.values()):
        return None
    return np.array([site[p] for p in patients], dtype=object)
