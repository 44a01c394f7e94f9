"""The protocol of a folder of SDTM domains: which file is which domain, then as for raw tables."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from equipoise.data.sdtm.files import KINDS
from equipoise.data.sdtm.read import read_sdtm
from equipoise.data.sdtm.terms import DOMAINS, SUPPLEMENTS
from equipoise.engine import open_engine
from equipoise.packs import SHIPPED
from equipoise.protocol.load import load_protocol
from equipoise.start.folder_forms import Files, files_of
from equipoise.start.given import Given
from equipoise.start.questions import Ask
from equipoise.start.scalars import text
from equipoise.start.tables import tables_protocol

Say = Callable[[str], None]
# the least that loads; only its data block is used, to read the domains once
PROBE = """\
study: {{id: probe, title: probe, disease: probe, population: probe}}
data:
{data}
packs: [{packs}]
index: {{table: index_treatment, date: index_date}}
arms: {{groups: {{all: {{label: all}}}}}}
covariates: {{age: {{label: age, kind: continuous, from: age_index}}}}
sources: {{death: {{table: followup, date: death_date}}, last_contact: {{table: followup, date: last_contact}}}}
endpoints: {{os: {{label: os, short: os, event_label: death, events: [death], censoring: [last_contact]}}}}
"""


def is_sdtm(folder: Path) -> bool:
    """Whether the folder holds demographics and exposure under the names of SDTM."""
    return {"DM", "EX"} <= set(domain_files(folder))


def domain_files(folder: Path) -> dict[str, list[str]]:
    """Domain -> files that may hold it: dm.csv, DM.xpt, tu_onco.parquet; the plainest name first."""
    found: dict[str, list[str]] = {}
    files = sorted((p for p in folder.iterdir() if p.suffix.lower() in KINDS), key=lambda p: (len(p.stem), p.name))
    for domain in (d for d in DOMAINS if d != SUPPLEMENTS):
        names = [p.name for p in files if p.stem.upper() == domain or p.stem.upper().startswith(f"{domain}_")]
        if names:
            found[domain] = names
    return found


def sdtm_protocol(folder: Path, shown: str, say: Say, given: Given | None = None, ask: Ask | None = None) -> str:
    """The YAML of a trial folder. Arms are compared as they are, as randomised ones may be. Raises DataError with every missing
    domain and variable."""
    files = domain_files(folder)
    read = files_of({d: folder / names[0] for d, names in files.items()}, "usubjid")
    for name, line in read.said.items():
        say(f"file        {files[name][0]}: {line}")
    with tempfile.TemporaryDirectory() as scratch:
        probe = Path(scratch) / "study.yaml"
        probe.write_text(PROBE.format(data=_data(str(folder.resolve()), files, read), packs=", ".join(SHIPPED)), encoding="utf-8")
        domains = read_sdtm(load_protocol(probe), open_engine(), ["patient", "index_treatment", "followup"])
    say(f"domains     {', '.join(f'{d}: {names[0]}' for d, names in files.items())}")
    for finding in domains.findings:
        say(f"left out    {finding.sentence()}")
    return tables_protocol(domains.tables, shown, say, given, _data(shown, files, read), randomised=True, ask=ask)


def _data(path: str, files: dict[str, list[str]], read: Files) -> str:
    lines = ["  standard: sdtm", f"  path: {text(path)}", "  domains:"]
    for domain, names in files.items():
        others = f"    # or {', '.join(names[1:])}" if len(names) > 1 else ""
        lines.append(f"    {domain}: {json.dumps(names[0])}{others}")
    lines += read.lines
    lines.append("  treatment: ACTARM    # or ARM, or EXTRT: the treatment of the first dose")
    lines.append('  evaluator: "INVESTIGATOR"    # whose readings of the scans: TUEVAL, TREVAL, RSEVAL')
    return "\n".join(lines)
