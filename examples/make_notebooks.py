"""Writes each notebook of the examples from the Python file beside it: `python examples/make_notebooks.py`."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
MARK, TEXT = "# %%", "# %% [markdown]"


def cells(source: str) -> list[tuple[str, str]]:
    """(kind, text) of a file whose cells begin with `# %%`; kind: code or markdown."""
    found: list[tuple[str, list[str]]] = []
    for line in source.splitlines():
        if line in (MARK, TEXT):
            found.append(("markdown" if line == TEXT else "code", []))
        else:
            found[-1][1].append(line.removeprefix("#").removeprefix(" ") if found[-1][0] == "markdown" else line)
    return [(kind, "\n".join(lines).strip("\n")) for kind, lines in found]


def notebook(source: str) -> str:
    """The file as a notebook without results."""
    made = []
    for i, (kind, text) in enumerate(cells(source)):
        cell: dict = {"cell_type": kind, "id": f"cell-{i}", "metadata": {}, "source": text.splitlines(keepends=True)}
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": made, "metadata": {"kernelspec": python}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in sorted(HERE.glob("notebook/*.py")):
        file.with_suffix(".ipynb").write_text(notebook(file.read_text(encoding="utf-8")), encoding="utf-8")
