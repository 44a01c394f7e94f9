"""Where the files of a study lie: outside the protocol's folder and behind links only where the protocol says so, and never
without a word; not at all where the protocol is a stranger's (`--confine`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol

CONFINED = "--confine allows files in the protocol's own folder only, and no links"


def locate(protocol: Protocol, given: str, *where: str | int) -> tuple[Path, list[Fault]]:
    """The path that the protocol gives (its place: where), and a finding where it leads outside or through a link. Raises
    DataError instead where the study is confined, or the path is no path."""
    place = protocol.place(*where)
    if "\0" in given:
        raise DataError(Fault(place, "path", "the path holds a NUL character"))
    path = Path(protocol.folder) / given
    findings = list(straying(Path(protocol.folder), path, place))
    if findings and protocol.confined:
        raise DataError([Fault(f.place, f.rule, f"{f.message}; {CONFINED}") for f in findings])
    return path, findings


def locate_in(protocol: Protocol, folder: Path, name: str, *where: str | int) -> tuple[Path, list[Fault]]:
    """A file of a folder that was located: it has a finding of its own where it is a link or leaves the folder."""
    path = folder / name
    if not path.is_symlink() and Path(name).name == name:
        return path, []
    return locate(protocol, os.path.relpath(path, protocol.folder), *where)


def straying(folder: Path, path: Path, place: str) -> Iterator[Fault]:
    """What is to be said of a path that leads out of the folder, or through a link."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself, a name that is too long: said when the file is opened
        return
    named = path.relative_to(folder) if path.is_relative_to(folder) else path
    if str(real) != os.path.abspath(path):
        yield Fault(place, "link", f"{named} is a link, or lies behind one; read is {real}")
    if folder not in real.parents and real != folder:
        yield Fault(place, "outside", f"{named} lies outside the protocol's folder; read is {real}")
