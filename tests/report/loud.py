"""A language of capitals, written as another translator would: the same files in another folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from equipoise.report.words import texts

PART = re.compile(r"(\{\w*\})")
KEPT = ("document.language",)


def write_loud(folder: Path) -> None:
    files: dict[str, list[str]] = {}
    for key, text in texts("en").items():
        files.setdefault(key.split(".")[0], []).append(_told(key, text))
    folder.mkdir(parents=True)
    for topic, lines in files.items():
        (folder / f"{topic}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shouted(text: str) -> str:
    return "".join(part if PART.fullmatch(part) else part.upper() for part in PART.split(text))


def _told(key: str, text: str | dict[str, str]) -> str:
    name = json.dumps(key.partition(".")[2], ensure_ascii=False)
    if isinstance(text, str):
        return f"{name} = {json.dumps(text if key in KEPT else _shouted(text), ensure_ascii=False)}"
    return "\n".join(f"{name}.{form} = {json.dumps(_shouted(said), ensure_ascii=False)}" for form, said in text.items())
