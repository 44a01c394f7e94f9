"""Concept sets of ATLAS (Circe): a file that holds one, or a cohort definition with several. What else it asks is not taken over,
and that is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from equipoise.errors import DataError, Fault
from equipoise.protocol.cohort_definition import Item
from equipoise.protocol.locations import locate
from equipoise.protocol.omop import ConceptSet
from equipoise.protocol.spec import Protocol

LISTED = 12
# parts of a cohort definition that decide who is in it
DECIDING = (
    "PrimaryCriteria", "AdditionalCriteria", "InclusionRules", "EndStrategy", "CensoringCriteria", "CensorWindow",
    "CollapseSettings",
)  # fmt: skip
INSTEAD = "name the file under 'cohorts' to take all of it, or state them in the block omop: index, exclusions, risk_window"


def atlas_items(protocol: Protocol, name: str, asked: ConceptSet) -> tuple[list[Item], list[Fault]]:
    """The concepts that the file of a concept set names; findings: a link, and what of a cohort definition is not taken over.
    Raises DataError with what cannot be read."""
    where = ("omop", "concept_sets", name, "atlas")
    path, findings = locate(protocol, str(asked.atlas), *where)
    place = protocol.place(*where)
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise DataError(Fault(place, "file", f"there is no file '{asked.atlas}' beside the protocol that can be read")) from None
    except (json.JSONDecodeError, RecursionError):
        raise DataError(Fault(place, "file", f"{path.name} is not JSON; export the concept set from ATLAS again")) from None
    expression = _expression(given, asked, path.name, place)
    left = [part for part in DECIDING if isinstance(given, dict) and given.get(part)]
    if left:
        message = f"of {path.name} the concept set is read alone; its {', '.join(left)} are not taken over: {INSTEAD}"
        findings.append(Fault(place, "not taken over", message))
    items = list(_items(expression, path.name, place))
    if not items:
        raise DataError(Fault(place, "empty concept set", f"the concept set of {path.name} holds no concept"))
    return items, findings


def _expression(given: Any, asked: ConceptSet, file: str, place: str) -> Any:
    """The expression of the set that is meant."""
    if isinstance(given, dict) and isinstance(given.get("expression"), dict) and "items" in given["expression"]:
        given = given["expression"]
    if isinstance(given, dict) and "items" in given:
        return given
    sets = given.get("ConceptSets") if isinstance(given, dict) else None
    sets = [s for s in sets if isinstance(s, dict) and isinstance(s.get("expression"), dict)] if isinstance(sets, list) else []
    if not sets:
        message = f"{file} holds no concept set of ATLAS: it has neither 'items' nor 'ConceptSets'"
        raise DataError(Fault(place, "file", message))
    names = [str(s.get("name", "")) for s in sets]
    listed = ", ".join(f"'{n}'" for n in names[:LISTED])
    if asked.set is None and len(sets) > 1:
        raise DataError(
            Fault(place, "concept set", f"{file} holds {len(sets)} concept sets; name the one that is meant, set: {listed}")
        )
    meant = [s for s in sets if asked.set is None or str(s.get("name", "")) == asked.set]
    if len(meant) != 1:
        what = "several concept sets" if meant else "no concept set"
        raise DataError(Fault(place, "concept set", f"{file} has {what} called '{asked.set}'; it has {listed}"))
    return meant[0]["expression"]


def _items(expression: Any, file: str, place: str) -> Iterator[Item]:
    for item in expression["items"] if isinstance(expression.get("items"), list) else []:
        concept = item.get("concept") if isinstance(item, dict) else None
        found = concept.get("CONCEPT_ID") if isinstance(concept, dict) else None
        if not isinstance(found, int) or isinstance(found, bool):
            raise DataError(
                Fault(place, "file", f"an item of {file} names no CONCEPT_ID; export the concept set from ATLAS again")
            )
        flags = [item.get(key) is True for key in ("includeDescendants", "isExcluded", "includeMapped")]
        yield Item(found, *flags)
