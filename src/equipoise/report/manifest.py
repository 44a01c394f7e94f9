"""What was run on what by what: hashes, versions, settings. No clock time, so that two runs give the same bytes."""

from __future__ import annotations

import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from equipoise.engine import Engine
from equipoise.folders import sha256
from equipoise.protocol.connection import shown
from equipoise.records import Masked, SourceTable, Study
from equipoise.report.figures.fonts import named

LIBRARIES = ("duckdb", "numpy", "scipy", "matplotlib")


def versions(engine: Engine | None = None) -> dict[str, str]:
    """Versions as the report prints them: Equipoise, Python, then the libraries that numbers pass through, and the database that
    an engine is of."""
    found = {"Equipoise": _version("equipoise"), "Python": platform.python_version()}
    found.update({_printed(name): _version(name) for name in LIBRARIES})
    found.update(engine.software() if engine is not None else {})
    return {name: version for name, version in found.items() if version}


def _printed(name: str) -> str:
    return {"duckdb": "DuckDB", "numpy": "NumPy", "scipy": "SciPy"}.get(name, name)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "from source" if distribution == "equipoise" else ""


def _lock(study: Study) -> dict[str, Any]:
    """The lock that the run was compared with, where there is one."""
    lock = study.lock.lock
    if lock is None:
        return {}
    known = {"locked": lock.locked.isoformat(timespec="seconds"), "protocol": lock.protocol_sha256, "data": lock.data_hash}
    return {"lock": {"file": study.lock.file, **known, "changed": list(study.lock.changes)}}


def _rows(table: SourceTable) -> int | str:
    return str(table.n_rows) if isinstance(table.n_rows, Masked) else table.n_rows


def _database(study: Study) -> dict[str, Any]:
    """What stands for the bytes of files, and the rows of patients that left."""
    data, least = study.protocol.data, study.protocol.minimum_cell or 0
    if data.connection is None:
        return {}
    read = "in one transaction; sha256: of the rows of each table, whatever their order"
    left = [
        {"relation": x.relation, "columns": list(x.columns), "rows": x.rows if x.rows >= least else f"<{least}"}
        for x in study.sources.engine.record.leaving
    ]
    return {"database": {"connection": shown(data.connection), "schema": data.schema_, "read": read, "left": left}}


def manifest(study: Study, folder: Path) -> str:
    """JSON: protocol, data, versions, settings, and the sha256 of each file of the folder."""
    protocol, settings = study.protocol, study.protocol.describe()
    content = {
        "study": protocol.study.id,
        "title": protocol.study.title,
        "notice": protocol.study.notice,
        "protocol": {"file": Path(protocol.file).name, "sha256": protocol.sha256, "settings": settings},
        "data": {t.name: {"file": t.file, "rows": _rows(t), "sha256": t.sha256} for t in study.sources.tables.values()},
        **_database(study),
        **({"published": dict(study.published.files)} if study.published.files else {}),
        "packs": {pack.name: pack.sha256 for pack in protocol.rule_packs},
        "conventions": protocol.convention,
        "seeds": {},
        "versions": versions(study.sources.engine),
        "typefaces": {name: sha256(Path(file)) for name, file in named(json.dumps(settings, ensure_ascii=False)).items()},
        **_lock(study),
        "files": {str(p.relative_to(folder).as_posix()): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False) + "\n"
