"""A YAML file as a tree that keeps its lines, and its faults against a model: each with its line and the nearest right key."""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.designs import KINDS
from equipoise.protocol.event_codes import TAGS as CODES
from equipoise.protocol.match_options import TAGS as RATIOS
from equipoise.protocol.nearest import nearest
from equipoise.protocol.published import TAGS as STUDIES
from equipoise.protocol.yaml_limits import compose_within_limits, unprintable

Model = TypeVar("Model", bound=pydantic.BaseModel)
NULL = "tag:yaml.org,2002:null"
TAGS = (*CODES, *RATIOS, *STUDIES, *KINDS.values())  # parts of pydantic's path that no file holds
TOLD_APART = 50  # faults of one kind under one key; the others are counted
OWN = {"folder", "file", "sha256", "lines", "loaded_packs", "confined", "name", "place"}  # set by the loaders, not by the file


class LineFinder:
    """Turns the path of a value in the protocol into `file:line`."""

    def __init__(self, root: yaml.Node, file: str):
        self._root = root
        self._file = file
        self._keys: dict[int, dict[str, tuple[int, yaml.Node]]] = {}

    def place(self, *where: Any) -> str:
        node = self._root
        line = node.start_mark.line
        for part in where:
            found = self._child(node, part)
            if found is None:
                break
            line, node = found
        return f"{self._file}:{line + 1}"

    def _child(self, node: yaml.Node, part: Any) -> tuple[int, yaml.Node] | None:
        if isinstance(node, yaml.MappingNode):
            if id(node) not in self._keys:
                self._keys[id(node)] = {str(k.value): (k.start_mark.line, v) for k, v in reversed(node.value)}
            return self._keys[id(node)].get(str(part))
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            return node.value[part].start_mark.line, node.value[part]
        return None


def read_text(path: Path, what: str) -> str:
    """The file's text. what: the kind of file, for the fault."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProtocolError(Fault(str(path), "file", f"there is no such {what} file")) from None
    except (UnicodeDecodeError, IsADirectoryError, PermissionError):
        raise ProtocolError(Fault(str(path), "file", "cannot be read as a text file in UTF-8")) from None


def compose(path: Path, text: str, what: str) -> yaml.Node:
    """The tree of the file. what: what it must be, for the fault: a mapping of such keys."""
    try:
        root = compose_within_limits(text, path.name)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"holds {unprintable(chr(error.character)) or 'a character that YAML forbids'}; delete it"
        raise ProtocolError(Fault(f"{path.name}:{line}", "yaml", message)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "the file is not YAML"
        raise ProtocolError(Fault(f"{path.name}{at}", "yaml", f"not readable as YAML: {problem}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise ProtocolError(Fault(f"{path.name}:1", "yaml", f"{what}"))
    return root


def plain_of(node: yaml.Node, file: str, faults: list[Fault]) -> Any:
    """The tree as dict, list and text; duplicate keys, keys that are no text and text that no page can show are faults."""
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key, value in node.value:
            place = f"{file}:{key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                faults.append(Fault(place, "yaml", "a key is one word, not a list or a mapping"))
                continue
            name = _text_of(key, file, faults)
            if name in out:
                faults.append(Fault(place, "duplicate key", f"the key '{name}' stands twice; keep one"))
            out[name] = plain_of(value, file, faults)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [plain_of(v, file, faults) for v in node.value]
    return None if node.tag == NULL else _text_of(node, file, faults)


def _text_of(node: yaml.ScalarNode, file: str, faults: list[Fault]) -> str:
    found = unprintable(node.value)
    if not found:
        return node.value
    faults.append(Fault(f"{file}:{node.start_mark.line + 1}", "text", f"this text holds {found}; delete it"))
    return "".join(sign for sign in node.value if not unprintable(sign))


def validated(model: type[Model], plain: Any, root: yaml.Node, file: str, faults: list[Fault]) -> Model | None:
    """The model that the plain tree asks for, or None with its faults added."""
    try:
        return model.model_validate(plain)
    except pydantic.ValidationError as error:
        finder = LineFinder(root, file)
        for alike in _alike(error.errors(include_url=False, include_input=False)):
            told = alike if len(alike) <= TOLD_APART + 1 else alike[:TOLD_APART]
            faults += [_fault(e, finder, model) for e in told]
            if len(told) < len(alike):
                rest = finder.place(*_where(alike[len(told)]))
                message = f"the same is wrong in {len(alike) - len(told):,} more places, the first of them here"
                faults.append(Fault(rest, alike[0]["type"], message))
        return None


def _alike(errors: list[Any]) -> list[list[Any]]:
    """Errors of one kind under one key of the file, in the order in which they were found."""
    groups: dict[tuple, list[Any]] = {}
    for error in errors:
        groups.setdefault((error["type"], error["loc"][:1] if len(error["loc"]) > 1 else ()), []).append(error)
    return list(groups.values())


def _where(error: Any) -> tuple:
    where = tuple(p for p in error["loc"] if p not in ("function-after", "tuple[int,int]", *TAGS))
    return ("endpoints", *where[1:]) if where[:1] == ("binary_endpoints",) else where


def _fault(error: Any, finder: LineFinder, model: type[pydantic.BaseModel]) -> Fault:
    where = _where(error)
    place, path = finder.place(*where), ".".join(str(p) for p in where)
    kind = error["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, error["loc"][:-1])
        near = nearest(str(where[-1]), known, 0.5)
        hint = f"did you mean '{near}'?" if near else f"known keys are {', '.join(known)}"
        return Fault(place, "unknown key", f"{path}: there is no such key; {hint}")
    if kind == "missing":
        return Fault(place, "missing key", f"{path}: this key is needed and missing")
    if kind == "string_pattern_mismatch":
        return Fault(place, "name", f"{path}: a name starts with a small letter and holds small letters, digits and _")
    message = error["msg"].removeprefix("Value error, ")
    return Fault(place, kind, f"{path}: {message[0].lower()}{message[1:]}" if path else message)


def _keys_at(model: type[pydantic.BaseModel], where: tuple) -> list[str]:
    """The keys that the model knows at a path, for the 'did you mean' of a misspelt key."""
    current: Any = model
    for part in where:
        current = _step_into(current, part)
    if isinstance(current, type) and issubclass(current, pydantic.BaseModel):
        return [f.alias or name for name, f in current.model_fields.items() if name not in OWN]
    return []


def _step_into(current: Any, part: Any) -> Any:
    if isinstance(current, dict):
        return current.get(part)
    if isinstance(current, type) and issubclass(current, pydantic.BaseModel):
        for name, field in current.model_fields.items():
            if part in (name, field.alias):
                return _inner(field.annotation)
        return None
    if typing.get_origin(current) in (dict, list, tuple):
        return _inner(typing.get_args(current)[-1])
    return None


def _inner(annotation: Any) -> Any:
    """The model inside Optional[...] or Annotated[...]; where tags tell several apart, tag -> model."""
    while typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        inside = [a for a in typing.get_args(annotation) if a is not type(None)]
        tagged = {tag.tag: _inner(a) for a in inside for tag in getattr(a, "__metadata__", ()) if isinstance(tag, pydantic.Tag)}
        if len(tagged) > 1:
            return tagged
        annotation = inside[0] if inside else None
    return annotation
