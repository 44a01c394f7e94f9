"""Files of cohort definitions of ATLAS, read with the protocol: each as a Definition, or with every fault by its JSON path."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from equipoise.errors import Fault
from equipoise.protocol.cohort_criteria import criteria, group
from equipoise.protocol.cohort_definition import Codeset, Definition, Era, Item, Offset, Rule
from equipoise.protocol.cohort_json import Node
from equipoise.protocol.locations import CONFINED, straying

Place = Callable[..., str]
LIMITS = ("First", "Last", "All")
MADE = ("read", "sha256")  # keys that are filled here
AGAIN = "export the cohort definition from ATLAS again"


def with_cohorts(plain: Any, folder: Path, place: Place, confine: bool, faults: list[Fault]) -> None:
    """Read the file of each cohort of the block `omop` into the plain protocol, which is changed in place."""
    for name, asked in _of_atlas(plain, "cohorts"):
        where = ("omop", "cohorts", name)
        for key in MADE:
            if key in asked:
                faults.append(Fault(place(*where, key), "unknown key", f"'{key}' is no key of a cohort; delete it"))
        found = _read(folder, asked["atlas"], place(*where, "atlas"), confine, faults)
        asked.update(dict(zip(MADE, found, strict=True)) if found is not None else {})


def with_concept_sets(plain: Any, folder: Path, place: Place, confine: bool, faults: list[Fault]) -> None:
    """Add the hash of what its file says to each concept set of ATLAS; what cannot be read is told where the set is read."""
    for name, asked in _of_atlas(plain, "concept_sets"):
        if "sha256" in asked:
            where = place("omop", "concept_sets", name, "sha256")
            faults.append(Fault(where, "unknown key", "'sha256' is no key of a concept set; delete it"))
        path = folder / asked["atlas"].replace("\0", "")
        if confine and any(straying(folder, path, "")):
            continue
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            continue
        asked["sha256"] = _hash(_meant(content, asked.get("set")))


def _of_atlas(plain: Any, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of the block `omop` that name a file of ATLAS; others are told where the protocol is validated."""
    block = plain.get("omop") if isinstance(plain, dict) else None
    given = block.get(key) if isinstance(block, dict) else None
    for name, asked in given.items() if isinstance(given, dict) else ():
        if isinstance(asked, dict) and isinstance(asked.get("atlas"), str):
            yield name, asked


def _meant(content: Any, name: object) -> Any:
    """The concept set of a cohort definition that is meant; the whole file where it is one set."""
    sets = content.get("ConceptSets") if isinstance(content, dict) else None
    mine = [s for s in sets if isinstance(s, dict) and name in (None, s.get("name"))] if isinstance(sets, list) else []
    return mine or content


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(folder: Path, given: str, place: str, confine: bool, faults: list[Fault]) -> tuple[Definition, str] | None:
    path = folder / given.replace("\0", "")
    strayed = list(straying(folder, path, place)) if confine else []
    if strayed:
        faults += [Fault(f.place, f.rule, f"{f.message}; {CONFINED}") for f in strayed]
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        faults.append(Fault(place, "file", f"there is no file '{given}' beside the protocol that can be read"))
        return None
    try:
        content = json.loads(text)
        content = _expression(content)
    except (json.JSONDecodeError, RecursionError):
        faults.append(Fault(place, "file", f"{path.name} is not JSON; {AGAIN}"))
        return None
    before = len(faults)
    found = definition(content, path.name, faults)
    if len(faults) > before:
        return None
    return found, _hash(content)


def _expression(content: Any) -> Any:
    """The definition itself, where it lies in `expression` beside its name; there it may be JSON in a text."""
    if isinstance(content, dict) and "expression" in content and "PrimaryCriteria" not in content:
        inner = content["expression"]
        return json.loads(inner) if isinstance(inner, str) else inner
    return content


def definition(content: Any, file: str, faults: list[Fault]) -> Definition:
    """A cohort definition. Faults say, with the path, what is not read here; nothing that decides who is in it is passed over."""
    node = Node(content, file, "", faults)
    if not node.has("PrimaryCriteria"):
        node.refuse("", f"this holds no cohort definition: there is no PrimaryCriteria; {AGAIN}", "cohort definition")
        return Definition((), (), 0, 0, "all", None, "all", (), "all", None, (), 0, (None, None))
    for word in ("Title", "cdmVersionRange"):
        node.take(word)
    codesets = tuple(_codeset(one) for one in node.nodes("ConceptSets"))
    primary = node.node("PrimaryCriteria")
    assert primary is not None
    entry = criteria(primary, "CriteriaList")
    prior, post = _observed(primary.node("ObservationWindow"))
    primary_limit = _limit(primary, "PrimaryCriteriaLimit")
    primary.end("the entry events")
    if not entry and not faults:
        primary.wrong("CriteriaList", "is empty")
    additional = node.node("AdditionalCriteria")
    found = Definition(
        codesets, entry, prior, post, primary_limit,
        group(additional) if additional is not None else None, _limit(node, "QualifiedLimit"),
        tuple(_rules(node)), _limit(node, "ExpressionLimit"), _end(node.node("EndStrategy")),
        criteria(node, "CensoringCriteria"), _pad(node.node("CollapseSettings")),
        _calendar(node.node("CensorWindow")),
    )  # fmt: skip
    node.end("the cohort definition")
    _known_sets(found, node)
    return found


def _observed(node: Node | None) -> tuple[int, int]:
    if node is None:
        return 0, 0
    found = node.days("PriorDays"), node.days("PostDays")
    node.end("the observation window")
    return found


def _calendar(node: Node | None) -> tuple[dt.date | None, dt.date | None]:
    if node is None:
        return None, None
    found = node.day("StartDate"), node.day("EndDate")
    node.end("the calendar")
    return found


def _codeset(node: Node) -> Codeset:
    number, name = node.whole_or_none("id"), node.text("name")
    expression = node.node("expression")
    items = tuple(_item(one) for one in expression.nodes("items")) if expression is not None else ()
    if expression is not None:
        expression.end("a concept set")
    if number is None:
        node.wrong("id", "is not there")
    return Codeset(number or 0, name, items)


def _item(node: Node) -> Item:
    concept = node.node("concept")
    found = concept.whole_and_rest("CONCEPT_ID") if concept is not None else None
    if concept is None:
        node.wrong("concept", "is not there")
    elif found is not None and found < 1:
        node.refuse("concept", "the concept 0 stands for whatever could not be mapped; take it out of the set in ATLAS")
    flags = [node.flag(key) for key in ("includeDescendants", "isExcluded", "includeMapped")]
    node.end("an item of a concept set")
    return Item(found or 0, *flags)


def _limit(node: Node, key: str) -> str:
    """The first event, where nothing is said."""
    given = node.node(key)
    if given is None:
        return "first"
    found = given.word("Type", LIMITS, "First").lower()
    given.end("a limit")
    return found


def _rules(node: Node) -> Iterator[Rule]:
    for i, one in enumerate(node.nodes("InclusionRules"), start=1):
        name = one.text("name") or f"rule {i}"
        one.take("description")
        expression = one.node("expression")
        if expression is None:
            one.wrong("expression", "is not there")
        else:
            yield Rule(name, group(expression))
        one.end("an inclusion rule")


def _end(node: Node | None) -> Offset | Era | None:
    if node is None:
        return None
    offset, era = node.node("DateOffset"), node.node("CustomEra")
    node.end("the end strategy")
    if offset is not None:
        field = offset.word("DateField", ("StartDate", "EndDate"), "StartDate")
        found = Offset(offset.days("Offset"), field == "EndDate")
        offset.end("the end strategy")
        return found
    if era is None:
        return None
    codeset = era.whole_or_none("DrugCodesetId")
    if codeset is None:
        era.wrong("DrugCodesetId", "is not there")
    made = Era(codeset or 0, era.days("GapDays"), era.days("Offset"), era.days("DaysSupplyOverride") or None)
    era.end("the end strategy")
    return made


def _pad(node: Node | None) -> int:
    if node is None:
        return 0
    node.word("CollapseType", ("ERA",), "ERA")
    pad = node.days("EraPad")
    node.end("the collapse settings")
    return pad


def _known_sets(found: Definition, node: Node) -> None:
    """Concept sets that criteria name and the file does not hold."""
    known = {codeset.number for codeset in found.codesets}
    asked = [n for c in found.criteria() for n in (c.codeset, c.source) if n is not None]
    asked += [int(t.values[0]) for c in found.criteria() for t in c.tests if t.op.endswith("set")]  # type: ignore[arg-type]
    asked += [found.end.codeset] if isinstance(found.end, Era) else []
    for number in sorted(set(asked) - known):
        node.wrong("ConceptSets", f"holds no concept set of the id {number}, which a criterion names")
