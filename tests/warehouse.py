"""A protocol again, whose files are tables of a database."""

from __future__ import annotations

import shutil
from pathlib import Path

from pg_server import Server


def in_postgres(
    server: Server, path: Path, folder: Path, here: str, files: list[Path], more: tuple[str, ...] = (), **kinds: str
) -> Path:
    """The protocol in another folder, reading a new database. here: what names the files in its text. kinds: columns that are not
    text there."""
    name = server.database(folder.name.replace("-", "_"))
    server.load(name, "registry", files, kinds)
    text = path.read_text(encoding="utf-8")
    assert text.count(here) == 1
    parts = (f'connection: "{server.address(name)}"', "schema: registry", *more)
    join = ", " if "{" in text[: text.index(here)].splitlines()[-1] else "\n  "
    for file in path.parent.iterdir():
        if file.is_file() and file not in files:
            shutil.copy(file, folder)
    (folder / path.name).write_text(text.replace(here, join.join(parts)), encoding="utf-8")
    return folder / path.name
