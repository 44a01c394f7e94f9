"""The language of a report: the texts that ship, or a folder of them beside the protocol, which is checked and used whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from equipoise.document.phrases import Phrases, phrased
from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.locations import locate, locate_in
from equipoise.protocol.spec import Protocol
from equipoise.report.themes import asked, themed
from equipoise.report.words import Texts, flat, placeholders, texts, worded

SHIPPED = "en"
TAG = "document.language"
A_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NAMED = 6  # texts of a file that a sentence names; of more it says how many
MOST_BYTES = 1_000_000  # of a file of texts
RULE = "language"


@contextmanager
def written(protocol: Protocol) -> Iterator[None]:
    """Within the block a report is written in the theme and in the language of its protocol. Raises ProtocolError."""
    with themed(asked(protocol.report)), worded(texts_of(protocol)), phrased(_phrases()):
        yield


def _phrases() -> Phrases:
    """Those of the texts; what is filled in stays open."""
    return Phrases(**{f.name: str(texts()[f"document.{f.name}"]) for f in fields(Phrases)})


def texts_of(protocol: Protocol) -> Texts | None:
    """The texts of the folder that the protocol names; None where it names none. Raises ProtocolError with what they lack, have
    too much or say with other parts than the texts that ship."""
    if protocol.report.language is None:
        return None
    place = protocol.place("report", "language")
    folder, _ = locate(protocol, protocol.report.language, "report", "language")
    if not folder.is_dir():
        message = f"there is no folder '{protocol.report.language}' beside the protocol"
        raise ProtocolError(Fault(place, RULE, f"{message}; copy report/words/en of Equipoise and translate it"))
    topics: dict[str, dict[str, Any]] = {}
    for key, text in texts(SHIPPED).items():
        topics.setdefault(key.split(".")[0], {})[key] = text
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for topic, model in topics.items():
        path, _ = locate_in(protocol, folder, f"{topic}.toml", "report", "language")
        read = _read(path, topic, place)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            found |= read
            faults += _differences(read, model, path.name)
    strange = sorted(f.name for f in folder.glob("*.toml") if f.stem not in topics)
    if strange:
        faults.append(
            Fault(place, RULE, f"no texts have the name of {_some(strange)} of {folder.name}; delete what is not needed")
        )
    if faults:
        raise ProtocolError(faults)
    return found


def _read(path: Path, topic: str, place: str) -> dict[str, Any] | Fault:
    try:
        if path.stat().st_size > MOST_BYTES:
            return Fault(path.name, RULE, f"it is larger than {MOST_BYTES:,} bytes, which no file of texts is")
        return flat(topic, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Fault(place, RULE, f"the folder of texts lacks the file {path.name}")
    except UnicodeDecodeError:
        return Fault(path.name, RULE, "it is not UTF-8; save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        return Fault(path.name, RULE, f"it is no TOML: {error}")
    except OSError as error:
        return Fault(path.name, RULE, f"it cannot be read ({type(error).__name__})")


def _differences(read: Mapping[str, Any], model: Mapping[str, Any], file: str) -> Iterator[Fault]:
    """What stands in one file and not in the other, and texts whose parts differ."""
    for message, keys in (
        ("lacks the texts", set(model) - set(read)),
        ("has texts that nothing asks for:", set(read) - set(model)),
    ):
        if keys:
            yield Fault(file, RULE, f"it {message} {_some(sorted(key.partition('.')[2] for key in keys))}")
    for key in sorted(set(model) & set(read)):
        wrong = _wrong(read[key], model[key])
        if wrong:
            yield Fault(file, RULE, f"the text '{key.partition('.')[2]}' {wrong}")
    if A_TAG.fullmatch(str(read.get(TAG, SHIPPED))) is None:
        yield Fault(file, RULE, "'language' is the tag of a language, such as de or pt-BR")


def _wrong(text: Any, model: str | dict[str, str]) -> str:
    """What is wrong with a text beside the one that ships, a clause; '' where nothing is."""
    forms, wanted = (given if isinstance(given, dict) else {"": given} for given in (text, model))
    if any(not isinstance(form, str) for form in forms.values()):
        return "is no text"
    if set(forms) != set(wanted):
        return "needs the forms one and other" if "" not in wanted else "has one form, not one by count"
    for name, form in forms.items():
        try:
            parts = placeholders(form)
        except (AssertionError, ValueError):
            return "holds braces that are no part; write {{ and }} for a brace"
        open_ = placeholders(wanted[name])
        if parts != open_:
            return f"has {_parts(parts)}, and needs {_parts(open_)}"
    return ""


def _parts(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no part"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(f"'{name}'" for name in names[:NAMED]) + (f" and {more} more" if more > 0 else "")
