"""What a YAML file may not be: endless, too deep, multiplied by aliases, or text that no page can show.

A protocol may come from a stranger. A few lines of aliases can stand for a billion values (CVE-2003-1564), and an anchor may
hold itself; both are counted before anything is expanded.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import yaml

from equipoise.errors import Fault, ProtocolError

LONGEST = 5_000_000  # characters of a file
DEEPEST = 40  # levels of keys and lists; a protocol has fewer than ten
MOST = 100_000  # values once every alias is written out
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Signs that turn the direction of the text around them, so that a page shows something else than the file says.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = "\t\n\r"


def compose_within_limits(text: str, file: str) -> yaml.Node | None:
    """The tree of a text. Raises ProtocolError beyond a limit and for an anchor that holds itself, yaml.YAMLError for text
    that is not YAML, with the line as PyYAML's own parser counts it."""
    if len(text) > LONGEST:
        raise _refused(file, 1, f"the file is longer than {LONGEST:,} characters; data do not belong in a protocol")
    try:
        _refuse_events(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        yaml.compose(text, Loader=yaml.SafeLoader)  # the same on every machine, with or without libyaml
        raise
    if root is not None:
        _refuse_size(root, file)
    return root


def _refuse_events(text: str, file: str) -> None:
    """Depth and values, counted on the stream of events: building the tree is recursive and must not begin."""
    depth = 0
    for n, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if n > 2 * MOST:
            raise _refused(file, event.start_mark.line + 1, f"the file holds more than {MOST:,} values; data do not belong in it")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                message = f"lists and keys stand inside each other more than {DEEPEST} deep; a protocol needs fewer than ten"
                raise _refused(file, event.start_mark.line + 1, message)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse_size(root: yaml.Node, file: str) -> None:
    """Values with every alias written out. A node met again before all its children are finished holds itself."""
    sizes: dict[int, int] = {}
    unfinished: set[int] = set()
    stack: list[tuple[yaml.Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            unfinished.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[id(node)] > MOST:
                message = f"with its aliases written out this holds more than {MOST:,} values; write out what the study needs"
                raise _refused(file, node.start_mark.line + 1, message)
        elif id(node) in unfinished:
            raise _refused(file, node.start_mark.line + 1, "this anchor (&) holds itself by its alias (*); write the values out")
        elif id(node) not in sizes:
            unfinished.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in _children(node)]


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def unprintable(text: str) -> str:
    """What in a text no page can show, in words; empty where all can be printed."""
    if text.isascii() and text.isprintable():
        return ""
    for sign in text:
        kind = unicodedata.category(sign)
        if kind == "Cs":
            return "half of a character (a surrogate)"
        if (kind == "Cc" and sign not in _BREAKS) or ord(sign) & 0xFFFE == 0xFFFE:
            return f"a control character (U+{ord(sign):04X})"
        if sign in _DIRECTION:
            return f"an invisible sign that turns the direction of writing (U+{ord(sign):04X})"
    return ""


def _refused(file: str, line: int, message: str) -> ProtocolError:
    return ProtocolError(Fault(f"{file}:{line}", "yaml", message))
