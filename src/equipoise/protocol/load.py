"""Read a protocol from YAML: every fault at once, each with its line and the nearest right key."""

from __future__ import annotations

import hashlib
from pathlib import Path

from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.cohort_file import with_cohorts, with_concept_sets
from equipoise.protocol.open_questions import open_faults
from equipoise.protocol.packs import load_packs
from equipoise.protocol.references import reference_faults
from equipoise.protocol.spec import Protocol
from equipoise.protocol.time_zero import guarded
from equipoise.protocol.yaml_tree import LineFinder, compose, plain_of, read_text, validated

KEYS = "a protocol is a mapping of keys such as study, data, arms"


def load_protocol(path: str | Path, profile: str | None = None, confine: bool = False) -> Protocol:
    """The study that a YAML file asks for, with the rule packs that it names.

    profile: run it under this whole profile of conventions instead of its own. confine: for a protocol of a stranger, whose
    data may lie in its own folder alone.

    Scalars are read as text and coerced by the field's type, so that `no`, `012` and dates mean what they say. Raises
    ProtocolError with all faults, each `file:line: where: what is wrong and what to do`.
    """
    path = Path(path)
    text = read_text(path, "protocol")
    root = compose(path, text, KEYS)
    faults: list[Fault] = []
    plain = plain_of(root, path.name, faults)
    if profile is not None and isinstance(plain, dict):
        plain["conventions"] = profile
    questions = open_faults(plain, LineFinder(root, path.name).place)
    if questions:
        raise ProtocolError(questions)
    for read in (with_cohorts, with_concept_sets):
        read(plain, path.resolve().parent, LineFinder(root, path.name).place, confine, faults)
    protocol = validated(Protocol, plain, root, path.name, faults)
    if protocol is not None:
        lines = LineFinder(root, path.name)
        packs, found = load_packs(protocol.packs, path.resolve().parent, lines.place)
        faults += found
        protocol = protocol.model_copy(update={"loaded_packs": packs})
        faults += guarded(reference_faults(protocol, lines.place), protocol, lines.place)
    if faults or protocol is None:
        raise ProtocolError(faults)
    return protocol.model_copy(
        update={
            "folder": str(path.resolve().parent),
            "file": path.name,
            "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
            "lines": LineFinder(root, path.name),
            "confined": confine,
        }
    )


__all__ = ["LineFinder", "load_protocol"]
