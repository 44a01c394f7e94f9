"""Groups of covariates of an OMOP study: which patient has which, as places in two lists."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, read_sql
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, CovariateGroup


def derive_groups(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, CovariateGroup]:
    """Group -> its covariates, in the order of concepts. Defines `group_concept`: of `group_record`, which was made with the
    patients, the concepts that enough of the analyzed ones have."""
    if protocol.omop is None or not protocol.omop.groups:
        return {}
    engine.define("group_concept", read_sql("equipoise.derive", "group_concept.sql"), phase="derive")
    concepts = engine.rows(
        "select g.group_name, g.place, g.concept_id, v.concept_name from group_concept g "
        "left join group_vocabulary v on v.concept_id = g.concept_id order by g.group_name, g.place"
    )
    found = engine.fetch(
        "select r.group_name, c.source_row, g.place from group_record r join cohort c on c.patient_id = r.patient_id "
        "join group_concept g on g.group_name = r.group_name and g.concept_id = r.concept_id "
        "order by r.group_name, g.place, c.source_row"
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
