"""The concept sets of a protocol as concepts of the vocabulary, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from equipoise.data.omop.atlas import atlas_items
from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.tables import DOMAINS, RECORDS
from equipoise.engine import listed, literal, read_sql, values
from equipoise.engine.scan import SOURCE
from equipoise.errors import DataError, Fault
from equipoise.protocol.omop import Concepts, ConceptSet
from equipoise.protocol.spec import Protocol
from equipoise.records import Concept

PACKAGE = "equipoise.data.omop"
SHOWN = 8
GIVEN = ("set_name", "concept_id", "descendants", "excluded", "mapped")
KINDS = {"set_name": "varchar", **dict.fromkeys(GIVEN[1:], "bigint")}
WITHIN = {
    "concept_ancestor": Within("ancestor", "setting_concept", "concept_id"),
    "concept_relationship": Within("other", "set_concept", "concept_id"),
}


@dataclass(slots=True)
class Named:
    """What a protocol names: rows of GIVEN, and faults with the places where they stand."""

    rows: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    findings: list[Fault] = field(default_factory=list)

    def add(self, name: str, concept: int, part: Concepts, excluded: bool) -> None:
        self.rows.append((name, concept, int(part.descendants), int(excluded), int(part.mapped)))


def define_concept_sets(protocol: Protocol, cdm: Cdm) -> list[Fault]:
    """Define concept_set and cdm_concept (the concepts of the sets alone). Raises DataError with every fault; findings are
    returned: concepts that could not be looked up."""
    named = Named()
    for name, asked in protocol.omop.concept_sets.items():
        _add(protocol, cdm, named, name, asked, False)
        if asked.without is not None:
            _add(protocol, cdm, named, name, asked.without, True)
    if named.faults:
        raise DataError(named.faults)
    engine = cdm.engine
    engine.define("setting_concept", values(GIVEN, named.rows, KINDS), phase="data")
    faults = _vocabulary(protocol, cdm, named)
    if faults:
        raise DataError(faults)
    engine.define("concept_set", read_sql(PACKAGE, "concept_set.sql"), phase="data")
    _take_concepts(cdm)
    faults = [*_empty_sets(protocol, cdm), *(_unfit_concepts(protocol, cdm, named) if cdm.has("concept") else ())]
    if faults:
        raise DataError(faults)
    if cdm.has("concept") or not protocol.omop.concept_sets:
        return named.findings
    message = "the table concept is not there: ids could not be looked up, and every set says in which table its records lie"
    return [*named.findings, Fault(protocol.place("omop", "concept_sets"), "no vocabulary", message)]


def _add(protocol: Protocol, cdm: Cdm, named: Named, name: str, part: Concepts, excluded: bool) -> None:
    where = ("omop", "concept_sets", name, *(("without",) if excluded else ()))
    if isinstance(part, ConceptSet) and part.atlas is not None:
        _add_atlas(protocol, named, name, part)
        return
    for concept in part.ids:
        named.add(name, concept, part, excluded)
    if (part.names or part.codes) and not cdm.has("concept"):
        message = "names and codes are looked up in the table concept, which is not there; give concept ids"
        named.faults.append(Fault(protocol.place(*where), "missing table", message))
        return
    for text in part.names:
        found = _by_name(cdm, text)
        if len(found) == 1:
            named.add(name, found[0], part, excluded)
        else:
            named.faults.append(Fault(protocol.place(*where, "names"), "concept", _name_message(text, found)))
    for vocabulary, codes in part.codes.items():
        for code in codes:
            place = protocol.place(*where, "codes", vocabulary)
            found = _by_code(cdm, vocabulary, code, place, named.faults)
            for concept in found:
                named.add(name, concept, part, excluded)


def _add_atlas(protocol: Protocol, named: Named, name: str, asked: ConceptSet) -> None:
    try:
        items, findings = atlas_items(protocol, name, asked)
    except DataError as error:
        named.faults += error.faults
        return
    named.findings += findings
    named.rows += [(name, i.concept, int(i.descendants), int(i.excluded), int(i.mapped)) for i in items]


def _by_name(cdm: Cdm, text: str) -> list[int]:
    same = f"lower(trim(concept_name)) = {literal(text.strip().lower())} and standard_concept = 'S'"
    return [int(r[0]) for r in concepts_where(cdm, "concept_id", same)]


def _name_message(text: str, found: list[int]) -> str:
    if not found:
        return f"no standard concept is called '{text}'; write its name in full, or give its id"
    ids = ", ".join(str(i) for i in found[:SHOWN])
    return f"{len(found)} standard concepts are called '{text}'; give the id of the one that is meant: {ids}"


def _by_code(cdm: Cdm, vocabulary: str, code: str, place: str, faults: list[Fault]) -> list[int]:
    """The standard concepts that a code of a vocabulary stands for: itself, or what it maps to."""
    where = f"vocabulary_id = {literal(vocabulary)} and concept_code = {literal(code)}"
    found = [(int(concept), standard) for concept, standard in concepts_where(cdm, "concept_id, standard_concept", where)]
    standard = [concept for concept, s in found if s == "S"]
    others = [concept for concept, s in found if s != "S"]
    standard += _maps_to(cdm, others)
    if not standard:
        what = "maps to no standard concept" if found else "is not in the vocabulary"
        faults.append(
            Fault(place, "concept", f"the code {code} of {vocabulary} {what}; is it spelled as there, with its points?")
        )
    return list(dict.fromkeys(standard))


def _maps_to(cdm: Cdm, concepts: list[int]) -> list[int]:
    if not concepts or not cdm.has("concept_relationship"):
        return []
    f = cdm.fields("concept_relationship")
    where = f"{f['given']} in ({listed(concepts)}) and {f['relationship']} = 'Maps to' and {f['given']} <> {f['other']}"
    return [int(r[0]) for r in cdm.rows("concept_relationship", f"select {f['other']} from {SOURCE} where {where} order by 1")]


def concepts_where(cdm: Cdm, fields: str, where: str) -> list[tuple]:
    """Rows of the table concept, its columns under our names, in the order of ids."""
    typed = ", ".join(f"{sql} as {name}" for name, sql in cdm.fields("concept").items())
    return cdm.rows("concept", f"select {fields} from (select {typed} from {SOURCE}) as c where {where} order by concept_id")


def _vocabulary(protocol: Protocol, cdm: Cdm, named: Named) -> list[Fault]:
    """Define cdm_concept_ancestor, and cdm_concept_relationship of every concept that a set may hold, as far as they are
    asked."""
    faults = _asked(protocol, cdm, "concept_ancestor", "descendants", {row[0] for row in named.rows if row[2]})
    if not faults and cdm.engine.has("cdm_concept_ancestor"):
        below = "select concept_id from setting_concept union select descendant as concept_id from cdm_concept_ancestor"
        cdm.engine.create("set_concept", below)
    return faults + _asked(protocol, cdm, "concept_relationship", "mapped", {row[0] for row in named.rows if row[4]})


def _asked(protocol: Protocol, cdm: Cdm, table: str, why: str, asking: set[str]) -> list[Fault]:
    if not asking:
        cdm.absent(table)
        return []
    if cdm.has(table):
        return cdm.take(table, WITHIN[table])
    message = f"the concept set asks for {why}, and the table {table} is not there; add it, or write all concepts out"
    return [Fault(protocol.place("omop", "concept_sets", name, why), "missing table", message) for name in sorted(asking)]


def _take_concepts(cdm: Cdm) -> None:
    if not cdm.has("concept"):
        cdm.absent("concept")
        return
    asked = ("concept_set", "setting_concept", "setting_codeset")
    cdm.engine.create("set_concept", " union ".join(f"select concept_id from {name}" for name in asked))
    faults = cdm.take("concept", Within("concept_id", "set_concept", "concept_id"))
    if faults:
        raise DataError(faults)


def _empty_sets(protocol: Protocol, cdm: Cdm) -> Iterator[Fault]:
    filled = {r[0] for r in cdm.engine.rows("select distinct set_name from concept_set")}
    message = "the concept set is empty: everything that it names is taken out again under 'without'"
    for name in protocol.omop.concept_sets:
        if name not in filled:
            yield Fault(protocol.place("omop", "concept_sets", name), "empty concept set", message)


def _unfit_concepts(protocol: Protocol, cdm: Cdm, named: Named) -> Iterator[Fault]:
    """Ids that the vocabulary does not know, or that are no standard concepts."""
    known = {
        int(i): (name, s) for i, name, s in cdm.engine.rows("select concept_id, concept_name, standard_concept from cdm_concept")
    }
    for name, concept in dict.fromkeys((row[0], row[1]) for row in named.rows):
        place = protocol.place("omop", "concept_sets", name)
        if concept not in known:
            yield Fault(place, "unknown concept", f"the vocabulary has no concept {concept}; correct the id")
        elif known[concept][1] not in ("S", "C"):
            better = _maps_to(cdm, [concept])
            instead = f"use {', '.join(str(i) for i in better)}, to which it maps" if better else "none is given for it"
            what = f"the concept {concept} ({known[concept][0]}) is not a standard concept"
            message = f"{what}; {instead}, for records hold standard ones"
            yield Fault(place, "not standard", message)


def listed_concepts(protocol: Protocol, cdm: Cdm, cohorts: list[str]) -> tuple[Concept, ...]:
    """The concepts that the sets name, and those of the cohorts, in the order of the protocol, with the number that each set
    holds."""
    engine, sets = cdm.engine, protocol.omop.concept_sets
    total = dict(engine.rows("select set_name, count(*) from concept_set where mapped = 0 group by set_name"))
    names = dict(engine.rows("select concept_id, concept_name from cdm_concept"))
    rows = engine.rows(
        "select set_name, concept_id, descendants, excluded, mapped from setting_concept order by excluded, concept_id"
    )
    own = tuple(
        Concept(protocol.omop.label_of(n), int(c), str(names.get(c) or ""), bool(d), bool(x), bool(m), int(total[n]))
        for name in sets
        for n, c, d, x, m in rows
        if n == name
    )
    return (*own, *_of_cohorts(protocol, cdm, cohorts, names))


def _of_cohorts(protocol: Protocol, cdm: Cdm, cohorts: list[str], names: dict[int, str]) -> Iterator[Concept]:
    """Those of the concept sets of cohort definitions, under the name of the cohort and that of the set there."""
    counted = cdm.engine.rows("select cohort, codeset, count(*) from cohort_codeset group by cohort, codeset")
    total = {(cohort, int(codeset)): int(n) for cohort, codeset, n in counted}
    for name in cohorts:
        for codeset in protocol.omop.cohorts[name].definition.codesets:
            label = f"{protocol.omop.label_of(name)}: {codeset.name or codeset.number}"
            held = total.get((name, codeset.number), 0)
            for i in sorted(codeset.items, key=lambda item: (item.excluded, item.concept)):
                yield Concept(label, i.concept, names.get(i.concept) or "", i.descendants, i.excluded, i.mapped, held)


def tables_of_sets(protocol: Protocol, cdm: Cdm) -> dict[str, list[str]]:
    """Set -> tables that hold its records: the one that it names, else those of the domains of its concepts. Raises DataError
    where none can be told."""
    rows = cdm.engine.rows(
        "select distinct s.set_name, lower(c.domain_id) from concept_set s join cdm_concept c on c.concept_id = s.concept_id "
        "where s.mapped = 0 order by 1, 2"
    )
    found: dict[str, list[str]] = {}
    faults = []
    for name, asked in protocol.omop.concept_sets.items():
        domains = [domain for of, domain in rows if of == name]
        tables = [asked.table] if asked.table else [DOMAINS[d] for d in domains if d in DOMAINS]
        if not tables:
            message = f"in which table the records of this concept set lie cannot be told; say it: table: {' or '.join(RECORDS)}"
            faults.append(Fault(protocol.place("omop", "concept_sets", name), "no table", message))
        found[name] = list(dict.fromkeys(str(t) for t in tables))
    if faults:
        raise DataError(faults)
    return found
