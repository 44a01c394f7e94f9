"""The relation `prior_dose` of the pack prior_line: its infusions, one row for each drug that the protocol names."""

from __future__ import annotations

from equipoise.engine import Engine, quote
from equipoise.protocol.prior_line import PACK, TABLE, PriorLine


def define_prior_dose(engine: Engine, packs: tuple[str, ...], prior_line: PriorLine | None) -> None:
    """Define `prior_dose(patient_id, cycle, date, nth, given)`; nth: of the drug in the protocol, 1 = the one that makes a cycle.
    Where the protocol names no drug every infusion was given. Nothing without the pack."""
    if PACK not in packs:
        return
    given = [quote(drug.given) for drug in prior_line.drugs.values()] if prior_line is not None else ["true"]
    parts = [f"select patient_id, cycle, date, {n} as nth, {cell} as given from {TABLE}" for n, cell in enumerate(given, start=1)]
    engine.define("prior_dose", "\nunion all\n".join(parts), phase="derive")
