"""The packs that ship with Equipoise: one folder each, pack.yaml and the SQL of those that need many records."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources

import yaml

from equipoise.contract import CORE
from equipoise.packs.shape import Pack

PACKAGE = "equipoise.packs"
SHIPPED = ("liver", "prior_line", "renal", "lung")


@functools.cache
def shipped(name: str) -> Pack:
    """A pack of SHIPPED by name."""
    text = resources.files(PACKAGE).joinpath(name, "pack.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # in C, where the library has it
    plain = yaml.load(text, Loader=loader)  # every scalar is text, as in a protocol; the fields give the type
    pack = Pack.model_validate(_nulls(plain))
    return pack.model_copy(update={"name": name, "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest()})


def pack_of(name: str) -> str:
    """The shipped pack that brings a table, column, item or analyte that the core does not have; '' where none does."""
    if name in CORE.tables or name in CORE.items or name in CORE.analytes:
        return ""
    return next((pack for pack in SHIPPED if name in shipped(pack).words()), "")


def further_codes(table: str, column: str, known: tuple[str, ...]) -> str:
    """For the fault of an unknown code: which packs bring further codes of the column; '' where none do."""
    more = [(name, shipped(name).codes.get(table, {}).get(column, [])) for name in SHIPPED]
    return "".join(
        f"; {', '.join(codes)} come with the pack {name}" for name, codes in more if codes and not set(codes) <= set(known)
    )


def _nulls(plain: object) -> object:
    """`null` and an empty value mean not known."""
    if isinstance(plain, dict):
        return {key: _nulls(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_nulls(value) for value in plain]
    return None if plain in ("null", "") else plain
