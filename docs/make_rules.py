"""The manual's chapters on the clinical rules, from the rules and their tests: `python docs/make_rules.py` writes docs/rules/.

A chapter holds its words (docs/rules/text, where it has any), the settings of the protocol with their defaults, the comment at
the head of each .sql file (the rule and its paper) and, below it, the drawn patients of the tests with the answers they must
give.
tests/test_rules_manual.py fails when the committed chapters are not these.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel

from equipoise.protocol.assessment import Assessment
from equipoise.protocol.dose import DoseRule
from equipoise.protocol.measures import Endpoint, Response, Safety

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "rules"
SQL = ROOT / "src" / "equipoise"
ENDPOINT = (
    *("events", "censoring", "role", "progression", "progression_from_day", "profile", "adequate_scan", "new_therapy"),
    *("clinical", "clinical_progression"),
)
MEANING = {
    "response.criteria": "the first names the response that endpoints and figures use",
    "response.source": "`lesions`, or `recorded`: as readers recorded it, the lesions beside it",
    "response.readers": "the first decides, the others are compared with it",
    "response.small_lesion_mm": "size of a target too small to measure",
    "response.mrecist_5mm_rule": "whether PD by mRECIST also needs 5 mm",
    "response.progression_from_day": "progression at an earlier scan belongs to the line before; else the endpoints' own",
    "response.confirmation": "whether the response that the study uses must be confirmed",
    "response.confirmation_days": "least days to the confirming scan",
    "response.sd_minimum_days": "least days from the index date to a scan with SD",
    "response.intervals": "of the rates: `clopper-pearson` or `wilson`",
    "endpoints.events": "names of sources",
    "endpoints.censoring": "names of sources, the first that a patient has; `day_one` is day 1",
    "endpoints.role": "`exploratory`: in the supplement, without models",
    "endpoints.progression": "event sources that are progression",
    "endpoints.progression_from_day": "first day on which progression counts; not given: 14 where index.line is above 1, else 0",
    "endpoints.profile": "`ema` or `fda2007`",
    "endpoints.adequate_scan": "source of the last adequate scan, for `fda2007`",
    "endpoints.new_therapy": "source of new therapy, for `fda2007`",
    "endpoints.clinical": "`counted`, or `ignored`",
    "endpoints.clinical_progression": "event sources that are clinical progression",
    "assessment.scan_interval_days": "planned days between scans",
    "assessment.scan_window_days": "days by which a scan may come late",
    "assessment.blinded": "whether readers knew the treatment",
    "safety.attribution": "`related`, or `all`",
    "safety.related": "attributions that count as treatment-related",
    "safety.aliases": "term as recorded: term as counted",
    "safety.composites": "name: terms that also count together",
    "safety.highest_grade": "term: highest grade, beside or instead of those of CTCAE v5.0",
    "safety.laboratory": "CTCAE version that grades laboratory values, `5` or `4`",
    "dose.mg_day": "milligrams per day",
    "dose.when": "expression over the baseline columns; without it for everyone left",
}


@dataclass(frozen=True)
class Chapter:
    """file: in docs/rules. sql: the rules, relative to src/equipoise (a folder: all of its files). tests: in tests/; behind
    `::` those that belong here, else all. settings: (block of the protocol, its model, the fields that matter here). cuts:
    a file of laboratory rules, shown as a table. pack: a rule pack of expressions, which holds its rules and vectors itself.
    """

    file: str
    title: str
    sql: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    settings: tuple[tuple[str, type[BaseModel], tuple[str, ...]], ...] = ()
    cuts: str = ""
    pack: str = ""


LIVER = tuple(f"packs/liver/{name}.sql" for name in ("child_pugh", "bclc", "scores", "etiology", "history"))
QUALITY = ("data/quality_rules", "packs/liver/quality", "packs/prior_line/quality")
BASIC = (
    Chapter("liver.md", "Liver function and stage", LIVER[:2], ("rules/test_liver.py",)),
    Chapter("scores.md", "Scores and history", (LIVER[2], LIVER[4], "derive/history.sql"), ("rules/test_scores.py",)),
    Chapter("etiology.md", "Etiology and cycles", (LIVER[3], "packs/prior_line/exposure.sql"), ("rules/test_history.py",)),
    Chapter("baseline.md", "Which record counts at baseline", ("derive/windows.sql",), ("rules/test_windows.py",)),
    Chapter("groups.md", "Groups of covariates", ("derive/group_concept.sql",), ("omop/test_groups.py",)),
    Chapter("renal.md", "Renal cell carcinoma: IMDC", pack="renal"),
    Chapter("lung.md", "Lung cancer: LIPI", pack="lung"),
    Chapter("units.md", "Laboratory units", (), ("rules/test_units.py", "rules/test_coimbra.py")),
    Chapter("quality.md", "Data quality", QUALITY, ("data/test_quality.py",)),
)
AT_A_SCAN = "recist mrecist the_5_mm a_scan baseline_is progression_before the_early_scan without_a_baseline reasons_are"
SCANS = "assessment lesions scans recist early_assessment no_restart restart recorded_visit response_comparison"
AT_SETTINGS = ("criteria", "source", "readers", "small_lesion_mm", "mrecist_5mm_rule", "progression_from_day")
BEFALLS = "what_befalls reasons_of small_lesion enhancement each_reader recorded"
BEST = "best_response confirmation"
COURSE = "duration confirmation_days deepest"
OUTCOMES = (
    Chapter(
        "response.md",
        "Response at a scan: RECIST 1.1 and mRECIST",
        tuple(f"outcomes/{x}.sql" for x in SCANS.split()),
        (f"rules/test_recist.py::{AT_A_SCAN}", f"rules/test_response_course.py::{BEFALLS}"),
        (("response", Response, AT_SETTINGS),),
    ),
    Chapter(
        "best_response.md",
        "Best response, its duration and depth",
        tuple(f"outcomes/{x}.sql" for x in ("response_counted", "best_response_both", "best_response", "response_course")),
        (f"rules/test_recist.py::{BEST}", f"rules/test_response_course.py::{COURSE}"),
        (("response", Response, ("confirmation", "confirmation_days", "sd_minimum_days", "intervals")),),
    ),
    Chapter(
        "endpoints.md",
        "Endpoints",
        tuple(f"outcomes/{x}.sql" for x in ("observed", "source_day", "endpoints", "early_progression")),
        ("rules/test_observed.py", "rules/test_endpoints.py", "rules/test_endpoint_profiles.py"),
        (("endpoints", Endpoint, ENDPOINT), ("assessment", Assessment, ("scan_interval_days", "scan_window_days"))),
    ),
    Chapter(
        "adverse_events.md",
        "Adverse events",
        tuple(f"outcomes/{x}.sql" for x in ("safety_event", "worst_grade", "safety_course", "course")),
        ("rules/test_adverse_events.py", "rules/test_safety_detail.py"),
        (("safety", Safety, ("attribution", "related", "aliases", "composites", "highest_grade")),),
    ),
    Chapter(
        "ctcae.md",
        "Laboratory grades: CTCAE",
        tuple(
            f"outcomes/ctcae/{x}.sql" for x in ("lab_value", "lab_baseline", "lab_baseline_latest", "lab_grade", "lab_toxicity")
        ),
        ("rules/test_ctcae_patients.py",),
        (("safety", Safety, ("laboratory",)),),
        "outcomes/ctcae/v5.csv",
    ),
    Chapter(
        "conduct.md",
        "Scans, follow-up and treatment given",
        ("outcomes/conduct.sql", "outcomes/exposure.sql", "outcomes/scan_reader.sql"),
        ("rules/test_conduct.py",),
        (
            ("assessment", Assessment, ("scan_interval_days", "scan_window_days", "blinded")),
            ("dose", DoseRule, ("mg_day", "when")),
        ),
    ),
    Chapter(
        "later.md",
        "What became known after the index date",
        tuple(f"outcomes/onset_{x}.sql" for x in ("therapy", "response", "event")),
        ("rules/test_onsets.py",),
    ),
)
CHAPTERS = BASIC + OUTCOMES


def chapters() -> dict[str, str]:
    """File name -> text of every chapter."""
    return {c.file: _chapter(c) for c in CHAPTERS}


def _chapter(chapter: Chapter) -> str:
    parts = [f"# {chapter.title}", "Written by `docs/make_rules.py` from the rules and their tests; do not edit."]
    if chapter.pack:
        return "\n\n".join([*parts, *_pack(chapter.pack)]) + "\n"
    words = OUT / "text" / chapter.file
    parts += [words.read_text(encoding="utf-8").strip()] if words.is_file() else []
    parts += ["## Settings", *(_settings(*s) for s in chapter.settings)] if chapter.settings else []
    files = [f for name in chapter.sql for f in _sql_files(SQL / name)]
    if files:
        parts.append("## The rules")
        parts += [_rule(f) for f in files]
    parts += ["## The cuts of CTCAE v5.0", _cuts(SQL / chapter.cuts)] if chapter.cuts else []
    parts.append("## Drawn patients and expected answers")
    for name in chapter.tests:
        file, _, chosen = name.partition("::")
        parts += _tests(ROOT / "tests" / file, tuple(chosen.split()))
    return "\n\n".join(parts) + "\n"


def _pack(name: str) -> list[str]:
    """A pack in words: papers, what it reads, its columns, its vectors."""
    plain = yaml.load((SQL / "packs" / name / "pack.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    inputs = [
        [f"`{k}`", given.get("analyte") or given["item"], given.get("unit", ""), given.get("note", "")]
        for k, given in plain["inputs"].items()
    ]
    columns = [[f"`{k}`", f"`{' '.join(c['is'].split())}`", c.get("note", "")] for k, c in plain["columns"].items()]
    vectors = [
        [v["source"], ", ".join(f"{k} {x}" for k, x in v["given"].items()), ", ".join(f"{k} {x}" for k, x in v["gives"].items())]
        for v in plain["vectors"]
    ]
    return [
        f"The pack `packs: [{name}]`: {plain['title']} ({plain['tumour']}).",
        "\n".join(f"- {text}" for text in plain["citations"]),
        " ".join(" ".join(n.split()) for n in plain["notes"]),
        "## What it reads",
        _table(["input", "analyte or item", "unit", ""], inputs),
        "## What it gives",
        _table(["column", "rule", ""], columns),
        "## Test vectors",
        _table(["source", "given", "gives"], vectors),
    ]


def _sql_files(path: Path) -> list[Path]:
    return sorted(path.glob("*.sql")) if path.is_dir() else [path]


def _rule(path: Path) -> str:
    """The comment at the head of a .sql file, as it stands."""
    comment = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").removeprefix(" "))
    text = "\n".join(comment)
    return f"`{path.relative_to(ROOT).as_posix()}`\n\n```text\n{text}\n```"


def _settings(block: str, model: type[BaseModel], fields: tuple[str, ...]) -> str:
    """The fields of a block of the protocol with their defaults, as the model has them."""
    body = []
    for name in fields:
        field = model.model_fields[name]
        default = "needed" if field.is_required() else _cell(field.get_default(call_default_factory=True)) or "none"
        body.append([f"`{block}.{name}`", "none" if default == "as normal" else default, MEANING[f"{block}.{name}"]])
    return _table(["setting", "default", "meaning"], body)


def _cuts(path: Path) -> str:
    """A row per term, parameter and unit, a column per grade: where it begins, as printed."""
    found: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["reading"] == "pharmaverse" or not row["sign"]:
                continue
            asked = [x for x in (row["only_if"], row["assumes"] and f"with {row['assumes']}") if x]
            words = f"{row['sign']} {_cut_words(row)}" + (f" ({'; '.join(asked)})" if asked else "")
            found.setdefault((row["term"], row["parameter"], row["unit"]), {}).setdefault(row["grade"], []).append(words)
    grades = ("1", "2", "3", "4")
    body = [[*(k or "–" for k in key), *("<br>".join(cuts.get(g, ["–"])) for g in grades)] for key, cuts in found.items()]
    return _table(["term", "parameter", "unit", *(f"grade {g}" for g in grades)], body)


def _cut_words(row: dict[str, str]) -> str:
    """The cut of a rule: a number, a multiple of a limit or of the baseline, or so much above it."""
    number, basis = row["number"], row["basis"]
    if basis.startswith("+ "):
        return basis[2:] if number == "0" else f"{basis[2:]} + {number}"
    if basis.startswith("x "):
        return basis[2:] if number == "1" else f"{number} {basis}"
    return number


def _tests(path: Path, chosen: tuple[str, ...]) -> list[str]:
    """Every test of a file, or those whose names begin with one of the chosen words."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    parts = [ast.get_docstring(tree) or ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(tuple(f"test_{w}" for w in chosen) or ("test_",)):
            parts += _test(node, source)
    return [p for p in parts if p]


def _test(node: ast.FunctionDef, source: str) -> list[str]:
    words = node.name.removeprefix("test_").replace("_", " ")
    parts = [f"### {words[:1].upper()}{words[1:]}", ast.get_docstring(node) or ""]
    parts += [_cases(d, source) for d in node.decorator_list if _is_parametrized(d)]
    inside = [n for statement in node.body for n in ast.walk(statement)]
    parts += [t for c in inside if isinstance(c, ast.Constant) and (t := _drawn(c.value))]
    asserts = [_segment(source, n) for n in inside if isinstance(n, ast.Assert)]
    if asserts:
        parts.append("Expected:\n\n```python\n" + "\n".join(asserts) + "\n```")
    return parts


def _is_parametrized(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.parametrize"


def _segment(source: str, node: ast.AST) -> str:
    return textwrap.dedent(" " * getattr(node, "col_offset", 0) + (ast.get_source_segment(source, node) or ""))


def _cases(decorator: ast.Call, source: str) -> str:
    """The cases of a parametrized test: a row each, the columns as the test names them."""
    names = _value(decorator.args[0], source)
    header = [names] if isinstance(names, str) and "," not in names else names
    header = [n.strip() for n in header.split(",")] if isinstance(header, str) else list(header)
    rows = decorator.args[1].elts if isinstance(decorator.args[1], ast.List | ast.Tuple) else []
    if not rows:
        return f"Cases: `{_segment(source, decorator.args[1])}`"
    body = []
    for row in rows:
        cells = row.elts if len(header) > 1 and isinstance(row, ast.Tuple | ast.List) else [row]
        body.append([_cell(_value(c, source)) for c in cells])
    return _table([h.strip("_") for h in header], body)


def _value(node: ast.expr, source: str):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _segment(source, node)


def _cell(value: object) -> str:
    """None is a dash; a mapping is `name value`; a drawn table inside a case keeps a line per row."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_cell(v)}" for k, v in value.items()) or "as normal"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(v) for v in value)
    lines = [_drawn_line(line) for line in re.split(r"[\n;]|,(?= *-?\\d+ )", str(value)) if line.strip()]
    return "<br>".join(lines)


def _drawn_line(line: str) -> str:
    """A line of a drawn table inside a case: its cells between dots, an empty one a dash."""
    if "|" not in line:
        return " ".join(line.split())
    return " · ".join(" ".join(cell.split()) or "–" for cell in line.split("|"))


def _drawn(value: object) -> str:
    """A drawn table (cells between bars, the first line the header) as Markdown, or ''."""
    if not isinstance(value, str):
        return ""
    lines = [[c.strip() for c in line.split("|")] for line in value.strip().splitlines() if line.strip()]
    if len(lines) < 2 or len(lines[0]) < 2 or any(len(line) != len(lines[0]) for line in lines):
        return ""
    return _table(lines[0], lines[1:])


def _table(header: list[str], body: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Write the chapters; with --check only say which are not current."""
    stale = [name for name, text in chapters().items() if not _same(name, text)]
    if "--check" in sys.argv:
        print("\n".join(stale) or "current")
        return 1 if stale else 0
    OUT.mkdir(exist_ok=True)
    for name, text in chapters().items():
        (OUT / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _same(name: str, text: str) -> bool:
    return (OUT / name).is_file() and (OUT / name).read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
