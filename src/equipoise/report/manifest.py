"""What was run on what by what: hashes, versions, settings. No clock time, so that two runs give the same bytes."""

from __future__ import annotations

import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from equipoise.folders import sha256
from equipoise.records import Study
from equipoise.report.figures.fonts import named

LIBRARIES = ("duckdb", "numpy", "scipy", "matplotlib")


def versions() -> dict[str, str]:
    """Versions as the report prints them: Equipoise, Python, then the libraries that numbers pass through."""
    found = {"Equipoise": _version("equipoise"), "Python": platform.python_version()}
    found.update({_printed(name): _version(name) for name in LIBRARIES})
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


def manifest(study: Study, folder: Path) -> str:
    """JSON: protocol, data, versions, settings, and the sha256 of each file of the folder."""
    protocol, settings = study.protocol, study.protocol.describe()
    content = {
        "study": protocol.study.id,
        "title": protocol.study.title,
        "notice": protocol.study.notice,
        "protocol": {"file": Path(protocol.file).name, "sha256": protocol.sha256, "settings": settings},
        "data": {t.name: {"file": t.file, "rows": t.n_rows, "sha256": t.sha256} for t in study.sources.tables.values()},
        **({"published": dict(study.published.files)} if study.published.files else {}),
        "packs": {pack.name: pack.sha256 for pack in protocol.rule_packs},
        "conventions": protocol.convention,
        "seeds": {},
        "versions": versions(),
        "typefaces": {name: sha256(Path(file)) for name, file in named(json.dumps(settings, ensure_ascii=False)).items()},
        **_lock(study),
        "files": {str(p.relative_to(folder).as_posix()): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False) + "\n"
