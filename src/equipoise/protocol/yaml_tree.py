"""A YAML file as a tree that keeps its lines, and its faults against a model: each with its line and the nearest right key."""

from __future__ import annotations

import difflib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from equipoise.errors import Fault, ProtocolError

Model = TypeVar("Model", bound=pydantic.BaseModel)
OWN = {"folder", "file", "sha256", "lines", "loaded_packs", "name", "place"}  # set by the loaders, not by the file


class LineFinder:
    """Turns the path of a value in the protocol into `file:line`."""

    def __init__(self, root: yaml.Node, file: str):
        self._root = root
        self._file = file

    def place(self, *where: Any) -> str:
        node = self._root
        line = node.start_mark.line
        for part in where:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return f"{self._file}:{line + 1}"


def _child(node: yaml.Node, part: Any) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line, value
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
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "the file is not YAML"
        raise ProtocolError(Fault(f"{path.name}{line}", "yaml", f"not readable as YAML: {problem}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise ProtocolError(Fault(f"{path.name}:1", "yaml", f"{what}"))
    return root


def plain_of(node: yaml.Node, file: str, faults: list[Fault]) -> Any:
    """The tree as dict, list and text; duplicate keys are faults."""
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in out:
                faults.append(
                    Fault(f"{file}:{key.start_mark.line + 1}", "duplicate key", f"the key '{key.value}' stands twice; keep one")
                )
            out[key.value] = plain_of(value, file, faults)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [plain_of(v, file, faults) for v in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def validated(model: type[Model], plain: Any, root: yaml.Node, file: str, faults: list[Fault]) -> Model | None:
    """The model that the plain tree asks for, or None with its faults added."""
    try:
        return model.model_validate(plain)
    except pydantic.ValidationError as error:
        finder = LineFinder(root, file)
        faults += [_fault(e, finder, model) for e in error.errors()]
        return None


def _fault(error: Any, finder: LineFinder, model: type[pydantic.BaseModel]) -> Fault:
    where = tuple(p for p in error["loc"] if p not in ("function-after", "tuple[int,int]"))
    place, path = finder.place(*where), ".".join(str(p) for p in where)
    kind = error["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, where[:-1])
        near = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys are {', '.join(known)}"
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
    if isinstance(current, type) and issubclass(current, pydantic.BaseModel):
        for name, field in current.model_fields.items():
            if part in (name, field.alias):
                return _inner(field.annotation)
        return None
    if typing.get_origin(current) in (dict, list, tuple):
        return _inner(typing.get_args(current)[-1])
    return None


def _inner(annotation: Any) -> Any:
    """The model inside Optional[...] or Annotated[...]."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((a for a in typing.get_args(annotation) if a is not type(None)), None)
    return annotation
