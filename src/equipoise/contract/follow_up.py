"""What happened after the index date: doses, adverse events, later lines, follow-up and death."""

from __future__ import annotations

from equipoise.contract.shape import AFTER, PATIENT, Column, Table, date_column

TABLES = (
    Table(
        "exposure",
        "one row per dosing interval of the index line",
        (
            PATIENT,
            date_column("start"),
            date_column("stop", "last day of the interval", required=False),
            Column("dose_mg_day", "number", unit="mg/day", low=0, high=5000),
            Column(
                "change_reason",
                "code",
                "why this interval began",
                values=("start", "AE", "weight", "interruption", "resume", "stop"),
            ),
            Column("ae_id", "key", "the adverse event behind the change", required=False),
            Column(
                "stop_reason",
                "code",
                "on the last interval only",
                values=("progression", "AE", "death", "refusal", "lost", "ongoing"),
                required=False,
            ),
        ),
        ("patient_id", "start"),
        day="start",
    ),
    Table(
        "ae",
        "one row per adverse event",
        (
            PATIENT,
            Column("ae_id", "key"),
            Column("ctcae_term", "text", "CTCAE v5.0 term or an alias declared in the protocol"),
            Column("grade", "integer", "CTCAE v5.0", low=1, high=5),
            Column(
                "attribution",
                "code",
                values=("unrelated", "unlikely", "possible", "probable", "definite"),
                required=False,
            ),
            date_column("start"),
            date_column("stop", required=False),
            Column("action", "code", values=("none", "reduce", "interrupt", "stop"), required=False),
            Column("serious", "boolean", required=False),
            Column(
                "outcome",
                "code",
                values=("recovered", "recovering", "not recovered", "fatal", "unknown"),
                required=False,
            ),
        ),
        ("patient_id", "ae_id"),
        day="start",
    ),
    Table(
        "subsequent_therapy",
        "one row per line of treatment after the index line",
        (
            PATIENT,
            Column("line", "integer", "2 = the line after an index treatment that is the first", low=2, high=20),
            Column("regimen", "text"),
            date_column("start"),
            date_column("stop", required=False),
        ),
        ("patient_id", "line"),
        day="start",
    ),
    Table(
        "followup",
        "one row per patient",
        (
            PATIENT,
            date_column("last_contact", "last day known alive, or day of death"),
            date_column("last_imaging", required=False),
            date_column("death_date", required=False),
            Column("death_cause", "text", required=False),
            Column("death_source", "text", "where the death was learned: registry, chart, call to the family", required=False),
            date_column("progression_date", "clinical progression only; radiologic comes from lesions", required=False),
            date_column("data_cutoff", seen=False),
        ),
        ("patient_id",),
        when=AFTER,
    ),
)
