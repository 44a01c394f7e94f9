"""Groups of covariates of an OMOP study: which patient has which, as places in two lists."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, CovariateGroup


def derive_groups(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, CovariateGroup]:
    """Group -> its covariates, in the order of concepts; `group_concept` and `group_value` were made with the patients."""
    if protocol.omop is None or not protocol.omop.groups:
        return {}
    concepts = engine.rows("select group_name, place, concept_id, concept_name from group_concept order by group_name, place")
    found = engine.fetch(
        "select v.group_name, c.source_row, v.place from group_value v "
        "join cohort c on c.patient_id = v.patient_id order by v.group_name, v.place, c.source_row"
    )
    row_of = np.full(int(cohort.row.max()) + 1, -1)
    row_of[cohort.row] = np.arange(cohort.n)
    out = {}
    for name, asked in protocol.omop.groups.items():
        mine = found["group_name"] == name
        labels = tuple(str(text or concept) for group, _, concept, text in concepts if group == name)
        rows, columns = found["source_row"][mine].astype(int), found["place"][mine].astype(int)
        out[name] = CovariateGroup(asked.label, labels, row_of[rows], columns)
    return out
