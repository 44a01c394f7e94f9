"""Faults of the model's tables that no single cell shows: versions, persons that stand twice or are unknown."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.data.omop.cdm import Cdm, counted
from equipoise.data.omop.tables import ONLY_IN, VERSIONS
from equipoise.engine.scan import SOURCE
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol


def version_findings(protocol: Protocol, cdm: Cdm) -> list[Fault]:
    """Which version of the model the data say they are, where columns say another. Raises DataError for a version that is not
    read."""
    if not cdm.has("cdm_source"):
        return []
    version = cdm.fields("cdm_source")["version"]
    given = [r[0] for r in cdm.rows("cdm_source", f"select {version} from {SOURCE}") if r[0]]
    found = sorted({str(v).strip().lower().lstrip("v") for v in given})
    here = f"{cdm.place('cdm_source')}, column cdm_version"
    strange = [v for v in found if not v.startswith(VERSIONS)]
    if strange:
        message = f"the data are of version {strange[0]} of the common data model; versions {' and '.join(VERSIONS)} are read"
        raise DataError(Fault(here, "version", message))
    if len({v[:3] for v in found}) > 1:
        message = f"the data say to be of versions {', '.join(found)}; columns are read as each table has them"
        return [Fault(here, "mixed versions", message)]
    return list(_mixed(cdm, found[0][:3], here)) if found else []


def _mixed(cdm: Cdm, version: str, here: str) -> Iterator[Fault]:
    other = next(v for v in VERSIONS if v != version)
    for table, columns in ONLY_IN[other].items():
        there = cdm.columns(table) or {}
        strange = [c for c in columns if c in there]
        if strange:
            message = f"the data say to be of version {version}, and {table} has the column {strange[0]} of version {other}"
            yield Fault(here, "mixed versions", message)


def person_faults(protocol: Protocol, cdm: Cdm) -> list[Fault]:
    """Persons with an index date who stand twice in the table person, or not at all."""
    engine = cdm.engine
    twice = engine.rows("select count(*) from (select person_id from cdm_person group by person_id having count(*) > 1) as t")[0][
        0
    ]
    lost = engine.rows("select count(*) from index_event where person_id not in (select person_id from cdm_person)")[0][0]
    here = f"{cdm.place('person')}, column person_id"
    faults = []
    if twice:
        message = f"{counted(twice, 'person', cdm.least)} with an index date stand there more than once; keep one row per person"
        faults.append(Fault(here, "duplicate person", message))
    if lost:
        message = (
            f"{counted(lost, 'person', cdm.least)} with an index date do not stand there; add them, or take their records out"
        )
        faults.append(Fault(here, "unknown person", message))
    return faults
