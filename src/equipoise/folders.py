"""Folders that Equipoise writes: built beside their place and renamed into it; what somebody else put there is never touched.

A folder is ours when its manifest.json says so, and it is replaced only while it holds nothing else. While a folder is built it
stands beside its place under a hidden name that tells which run of which machine makes it, so that the next run can remove what
a killed one left behind, or put back the last good folder if it was killed between two renames.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from equipoise.errors import EquipoiseError, Fault

MANIFEST = "manifest.json"
NEW, OLD = "equipoise-new", "equipoise-old"
# What file managers and office programs leave in any folder they open.
PASSING = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|~\$.*|\.~lock.*", re.IGNORECASE)
STALE_SECONDS = 86_400  # of another machine's leftovers: whether its run lives cannot be asked
_HOST = re.sub(r"[^0-9A-Za-z]", "", platform.node())[:12] or "host"
_MADE_BY = re.compile(r"-(?P<host>[0-9A-Za-z]+)-(?P<process>\d+)-[0-9A-Za-z_]+$")
Text = str | bytes


def prepare(out: Path) -> Path:
    """The folder to write, symbolic links followed, once what a killed run left beside it is mended.

    Raises EquipoiseError, with nothing written, where a report may not be put there: a file, a folder that Equipoise did not
    write, or one that holds anything else.
    """
    place = out.absolute()
    if place.is_symlink() and not place.exists():
        raise _refused(out, "this symbolic link leads nowhere; name a folder")
    place = place.resolve()
    _mend(place)
    if place.exists() and not place.is_dir():
        raise _refused(out, "this is a file; name a folder for the report")
    if place.is_dir():
        _refuse_strangers(place, out)
    return place


@contextlib.contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """A new folder beside `out` that takes its place when the block ends well, and disappears when it does not."""
    place = prepare(out)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = _beside(place, NEW)
    try:
        yield folder
        folder.chmod(0o777 & ~_umask())
        _swap(folder, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def added(out: Path, kind: str, *, whole: bool = False) -> Iterator[Path]:
    """A new folder whose files are moved into `out` when the block ends well, beside what is there already.

    A file of the same name is replaced only if Equipoise wrote it and nobody changed it since; else EquipoiseError, and nothing
    is written. kind: what the folder holds, by its manifest; one of another kind is refused. whole: files that an earlier run
    wrote and this one does not are removed.
    """
    place = out.absolute().resolve()
    _mend(place)
    if place.exists() and not place.is_dir():
        raise _refused(out, "this is a file; name a folder")
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = _beside(place, NEW)
    try:
        yield folder
        made = sorted(p.name for p in folder.iterdir())
        known = listed(place, kind)
        _refuse_changed(place, out, made, known)
        place.mkdir(exist_ok=True)
        kept = {} if whole else {n: digest for n, digest in known.items() if (place / n).is_file()}
        files = kept | {name: sha256(folder / name) for name in made}
        (folder / MANIFEST).write_text(_manifest(kind, files), encoding="utf-8", newline="\n")
        for name in (*made, MANIFEST):
            os.replace(folder / name, place / name)
        for name in known:
            if name not in files and (place / name).is_file() and sha256(place / name) == known[name]:
                (place / name).unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(path: Path, content: Text) -> None:
    """The whole file, its folder made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(folder: Path, kind: str = "") -> Mapping[str, str]:
    """File -> sha256 as the folder's manifest lists them; nothing where it has none of ours, or one of another kind."""
    try:
        content: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        return {}
    versions, files = content.get("versions"), content["files"]
    ours = isinstance(versions, dict) and "Equipoise" in versions and content.get("kind", "") == kind
    return files if ours and all(isinstance(v, str) and len(v) == 64 for v in files.values()) else {}


def _manifest(kind: str, files: Mapping[str, str]) -> str:
    content = {"kind": kind, "versions": {"Equipoise": _version()}, "files": dict(sorted(files.items()))}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _version() -> str:
    try:
        return metadata.version("equipoise")
    except metadata.PackageNotFoundError:
        return "from source"


def _refuse_strangers(place: Path, out: Path) -> None:
    known = listed(place)
    folders = {parent.as_posix() for name in known for parent in Path(name).parents}
    strange = []
    for found in sorted(place.rglob("*")):
        name = found.relative_to(place).as_posix()
        if PASSING.fullmatch(found.name) or (known and name == MANIFEST and found.is_file()):
            continue
        expected = folders if found.is_dir() and not found.is_symlink() else known
        if name not in expected or found.is_symlink():
            strange.append(name)
    if not strange:
        return
    if not known:
        raise _refused(out, "this folder holds other files and is not a report; name a new or empty folder, nothing was written")
    more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
    holds = f"{', '.join(strange[:3])}{more}"
    message = f"this report also holds {holds}, which Equipoise did not write; move that elsewhere, nothing was written"
    raise _refused(out, message)


def _refuse_changed(place: Path, out: Path, made: list[str], known: Mapping[str, str]) -> None:
    there = [n for n in made if (place / n).is_symlink() or (place / n).exists()]
    strange = [n for n in there if (place / n).is_symlink() or not (place / n).is_file() or known.get(n) != sha256(place / n)]
    if (place / MANIFEST).exists() and not known:
        strange.append(MANIFEST)
    if strange:
        message = (
            f"{', '.join(strange)} in it would be overwritten, and Equipoise did not write it so; move it, or name another "
            "folder with --out, nothing was written"
        )
        raise _refused(out, message)


def _refused(out: Path, message: str) -> EquipoiseError:
    return EquipoiseError(Fault(out.name or str(out), "output folder", message))


def _beside(place: Path, kind: str) -> Path:
    """A new hidden folder of this run beside a place."""
    return Path(tempfile.mkdtemp(prefix=f"{_prefix(place)}{kind}-{_HOST}-{os.getpid()}-", dir=place.parent))


def _prefix(place: Path) -> str:
    return f".{place.name}."


def _swap(folder: Path, place: Path) -> None:
    if not place.exists():
        folder.rename(place)
        return
    old = _beside(place, OLD) / "folder"
    try:
        place.rename(old)
        folder.rename(place)
    except BaseException:
        if old.exists() and not place.exists():
            old.rename(place)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def _mend(place: Path) -> None:
    """Puts back the folder that a run killed between two renames had moved aside, and removes what killed runs left."""
    if not place.parent.is_dir():
        return
    start = _prefix(place)
    left = sorted(p for p in place.parent.iterdir() if p.name.startswith((f"{start}{NEW}-", f"{start}{OLD}-")))
    for folder in left:
        if not _abandoned(folder):
            continue
        old = folder / "folder"
        if folder.name.startswith(f"{start}{OLD}-") and old.is_dir() and not place.exists():
            old.rename(place)
        shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    """Whether the run that made it has ended."""
    made_by = _MADE_BY.search(folder.name)
    if made_by is None or made_by["host"] != _HOST:
        return time.time() - folder.stat().st_mtime > STALE_SECONDS
    return int(made_by["process"]) == os.getpid() or not _alive(int(made_by["process"]))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
