"""The validation report: dated, with versions, tolerance, what passed and what failed; and every check as csv."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from equipoise.csv_text import csv_text
from equipoise.folders import added, write
from equipoise.verify.witnesses import TOLERANCE, WITNESSES, Check, Witness, run_witness

PACKAGES = ("equipoise", "numpy", "scipy", "duckdb", "sqlglot", "pandas", "pydantic")


def write_validation(folder: Path, now: dt.datetime, say: Callable[[str], None] = lambda line: None) -> tuple[Path, bool]:
    """validation-<date>.md and .csv in `folder`. now: the time that the report bears. Returns the report and whether all
    checks passed."""
    found: dict[str, list[Check]] = {}
    for witness in WITNESSES:
        found[witness.name] = run_witness(witness)
        failed = sum(not c.passed for c in found[witness.name])
        say(f"{witness.name:<12}{len(found[witness.name])} numbers, {failed} differ")
    checks = [c for part in found.values() for c in part]
    stem = f"validation-{now:%Y-%m-%d}"
    with added(folder, "validation") as new:
        _write_checks(new / f"{stem}.csv", checks)
        write(new / f"{stem}.md", _text(found, now, f"{stem}.csv"))
    return folder / f"{stem}.md", all(c.passed for c in checks)


def _text(found: dict[str, list[Check]], now: dt.datetime, details: str) -> str:
    failed = [c for part in found.values() for c in part if not c.passed]
    verdict = "All checks passed." if not failed else f"{len(failed)} checks FAILED."
    lines = [
        "# Validation report of Equipoise",
        "",
        f"{now:%Y-%m-%d %H:%M} {now.tzname() or ''}".rstrip(),
        "",
        f"**{verdict}** Each number of the studies below was computed on this machine and held against the value that "
        f"another program gave, at {TOLERANCE:g} relative.",
        "",
        "| component | version |",
        "|---|---|",
        *(f"| {name} | {_version(name)} |" for name in PACKAGES),
        f"| Python | {platform.python_version()} |",
        f"| platform | {platform.system()} {platform.machine()} |",
        "",
        "| witness | program | data | numbers | passed | failed |",
        "|---|---|---|---|---|---|",
        *(_line(w, found[w.name]) for w in WITNESSES),
        "",
        f"Every check stands in `{details}`.",
        "",
    ]
    if failed:
        lines += ["## Failed", "", "| witness | key | field | expected | obtained |", "|---|---|---|---|---|"]
        lines += [f"| {c.witness} | {c.key} | {c.field} | {c.expected!r} | {c.obtained!r} |" for c in failed]
        lines.append("")
    return "\n".join(lines)


def _line(witness: Witness, checks: list[Check]) -> str:
    passed = sum(c.passed for c in checks)
    return f"| {witness.what} | {witness.program} | {witness.licence} | {len(checks)} | {passed} | {len(checks) - passed} |"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def _write_checks(path: Path, checks: list[Check]) -> None:
    heading = ("witness", "key", "field", "expected", "obtained", "tolerance", "passed")
    rows = (
        (c.witness, c.key, c.field, repr(c.expected), repr(c.obtained), TOLERANCE, "yes" if c.passed else "NO") for c in checks
    )
    write(path, csv_text(heading, rows))
