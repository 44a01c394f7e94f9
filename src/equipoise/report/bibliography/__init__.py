"""The references that a report may cite, as data: core.toml, and those of the packs that the study uses."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from equipoise.document.references import Reference
from equipoise.protocol.spec import Protocol
from equipoise.records import ReadPublished, first_said


@cache
def core() -> dict[str, Reference]:
    """Key -> reference of the methods and criteria that are no pack's."""
    source = resources.files("equipoise.report.bibliography").joinpath("core.toml").read_text(encoding="utf-8")
    return {key: _reference(key, given) for key, given in tomllib.loads(source).items()}


def bibliography(protocol: Protocol, published: ReadPublished | None = None) -> dict[str, Reference]:
    """The core's and those of the packs of the study; a key of a study's own pack stands before that of the core. published:
    those of the studies and curves beside it too."""
    brought = {key: _reference(key, given.model_dump()) for pack in protocol.rule_packs for key, given in pack.references.items()}
    return core() | brought | (of_published(published)[0] if published is not None else {})


def of_published(published: ReadPublished) -> tuple[dict[str, Reference], dict[str, str]]:
    """The references of published studies and curves, and study or curve -> the key of its own. Of one text there is one."""
    said = {name: (first_said(numbers, "source"), first_said(numbers, "doi")) for name, numbers in published.studies.items()}
    said |= {curve.asked.label: (curve.asked.source, curve.asked.doi) for curve in published.curves}
    keys: dict[tuple[str, str], str] = {}
    for source, doi in said.values():
        if source or doi:
            keys.setdefault((source, doi), f"published_{len(keys) + 1}")
    cited = {name: keys[what] for name, what in said.items() if what in keys}
    papers = {}
    for name, key in cited.items():
        source, doi = said[name]
        papers.setdefault(key, Reference(key, (), "", 0, doi=doi, printed=source or name))
    return papers, cited


def _reference(key: str, given: dict[str, object]) -> Reference:
    return Reference(key=key, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})  # type: ignore[arg-type]
