"""Read a protocol from YAML: every fault at once, each with its line and the nearest right key."""

from __future__ import annotations

import difflib
import hashlib
import types
import typing
from pathlib import Path
from typing import Any

import pydantic
import yaml

from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.references import reference_faults
from equipoise.protocol.spec import Protocol
from equipoise.protocol.time_zero import guarded


def load_protocol(path: str | Path, profile: str | None = None) -> Protocol:
    """The study that a YAML file asks for.

    profile: run it under this whole profile of conventions instead of its own.

    Scalars are read as text and coerced by the field's type, so that `no`, `012` and dates mean what they say. Raises
    ProtocolError with all faults, each `file:line: where: what is wrong and what to do`.
    """
    path = Path(path)
    text = _read(path)
    root = _compose(path, text)
    faults: list[Fault] = []
    plain = _plain(root, path.name, faults)
    if profile is not None and isinstance(plain, dict):
        plain["conventions"] = profile
    protocol = _validate(plain, root, path.name, faults)
    if protocol is not None:
        lines = LineFinder(root, path.name)
        faults += guarded(reference_faults(protocol, lines.place), protocol, lines.place)
    if faults or protocol is None:
        raise ProtocolError(faults)
    return protocol.model_copy(
        update={
            "folder": str(path.resolve().parent),
            "file": path.name,
            "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
            "lines": LineFinder(root, path.name),
        }
    )


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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProtocolError(Fault(str(path), "file", "there is no such protocol file")) from None
    except (UnicodeDecodeError, IsADirectoryError, PermissionError):
        raise ProtocolError(Fault(str(path), "file", "cannot be read as a text file in UTF-8")) from None


def _compose(path: Path, text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "the file is not YAML"
        raise ProtocolError(Fault(f"{path.name}{line}", "yaml", f"not readable as YAML: {problem}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise ProtocolError(Fault(f"{path.name}:1", "yaml", "a protocol is a mapping of keys such as study, data, arms"))
    return root


def _plain(node: yaml.Node, file: str, faults: list[Fault]) -> Any:
    """The tree as dict, list and text; duplicate keys are faults."""
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in out:
                faults.append(
                    Fault(f"{file}:{key.start_mark.line + 1}", "duplicate key", f"the key '{key.value}' stands twice; keep one")
                )
            out[key.value] = _plain(value, file, faults)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(v, file, faults) for v in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _validate(plain: Any, root: yaml.Node, file: str, faults: list[Fault]) -> Protocol | None:
    try:
        return Protocol.model_validate(plain)
    except pydantic.ValidationError as error:
        finder = LineFinder(root, file)
        faults += [_fault(e, finder) for e in error.errors()]
        return None


def _fault(error: Any, finder: LineFinder) -> Fault:
    where = tuple(p for p in error["loc"] if p not in ("function-after", "tuple[int,int]"))
    place, path = finder.place(*where), ".".join(str(p) for p in where)
    kind = error["type"]
    if kind == "extra_forbidden":
        known = _keys_at(where[:-1])
        near = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys are {', '.join(known)}"
        return Fault(place, "unknown key", f"{path}: there is no such key; {hint}")
    if kind == "missing":
        return Fault(place, "missing key", f"{path}: this key is needed and missing")
    if kind == "string_pattern_mismatch":
        return Fault(place, "name", f"{path}: a name starts with a small letter and holds small letters, digits and _")
    message = error["msg"].removeprefix("Value error, ")
    return Fault(place, kind, f"{path}: {message[0].lower()}{message[1:]}" if path else message)


def _keys_at(where: tuple) -> list[str]:
    """The keys that the protocol knows at a path, for the 'did you mean' of a misspelt key."""
    current: Any = Protocol
    for part in where:
        current = _step_into(current, part)
    if isinstance(current, type) and issubclass(current, pydantic.BaseModel):
        own = {"folder", "file", "sha256", "lines"}
        return [f.alias or name for name, f in current.model_fields.items() if name not in own]
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


__all__ = ["LineFinder", "load_protocol"]
