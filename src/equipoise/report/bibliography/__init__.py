"""The references that a report may cite, as data: core.toml, and those of the packs that the study uses."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from equipoise.document.references import Reference
from equipoise.protocol.spec import Protocol


@cache
def core() -> dict[str, Reference]:
    """Key -> reference of the methods and criteria that are no pack's."""
    source = resources.files("equipoise.report.bibliography").joinpath("core.toml").read_text(encoding="utf-8")
    return {key: _reference(key, given) for key, given in tomllib.loads(source).items()}


def bibliography(protocol: Protocol) -> dict[str, Reference]:
    """The core's and those of the packs of the study; a key of a study's own pack stands before that of the core."""
    brought = {key: _reference(key, given.model_dump()) for pack in protocol.rule_packs for key, given in pack.references.items()}
    return core() | brought


def _reference(key: str, given: dict[str, object]) -> Reference:
    return Reference(key=key, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})  # type: ignore[arg-type]
