"""The lines under `data:` that say how a file is written."""

from __future__ import annotations

import json

from equipoise.data.detect import Detected


def form_lines(found: Detected) -> list[str]:
    """`sheet` and `form`, where the file differs from the plain form; what is seen as a comment."""
    lines = [f"  # {line}" for line in (*found.said, *found.asked)]
    if found.sheet:
        lines.append(f"  sheet: {_text(found.sheet)}")
    declared = found.form.declared
    if declared:
        lines += ["  form:", *(f"    {key}: {_value(value)}" for key, value in declared.items())]
    return lines


def form_text(declared: dict[str, object]) -> str:
    """The same in one line."""
    return f"{{{', '.join(f'{key}: {_value(value)}' for key, value in declared.items())}}}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_text(str(v)) for v in value)}]"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(str(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
