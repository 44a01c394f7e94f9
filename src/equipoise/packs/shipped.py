"""The packs that ship with Equipoise: one folder each, pack.yaml and, of the liver pack, its SQL."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources

import yaml

from equipoise.packs.shape import Pack

PACKAGE = "equipoise.packs"
SHIPPED = ("liver", "renal", "lung")


@functools.cache
def shipped(name: str) -> Pack:
    """A pack of SHIPPED by name."""
    text = resources.files(PACKAGE).joinpath(name, "pack.yaml").read_text(encoding="utf-8")
    plain = yaml.load(text, Loader=yaml.BaseLoader)  # every scalar is text, as in a protocol; the fields give the type
    pack = Pack.model_validate(_nulls(plain))
    return pack.model_copy(update={"name": name, "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest()})


def _nulls(plain: object) -> object:
    """`null` and an empty value mean not known."""
    if isinstance(plain, dict):
        return {key: _nulls(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_nulls(value) for value in plain]
    return None if plain in ("null", "") else plain
