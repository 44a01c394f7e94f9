"""The rule of imports: doors -> study -> phases -> records -> protocol -> ground. No phase imports another phase."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "equipoise"
STUDIES = ROOT / "studies"
WRITING = {"errors", "folders", "csv_text"}
GROUND = {"errors", "contract", "engine", "stats"}
PHASES = {
    "data",
    "cohort",
    "derive",
    "outcomes",
    "design",
    "lock",
    "impute",
    "estimate",
    "simulate",
    "disclosure",
    "report",
    "reproduce",
}
BRIDGES = {"design", "impute", "estimate", "simulate"}  # the only ones that may use stats

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "folders": {"errors"},
    "csv_text": set(),
    "document": {"csv_text"},
    "audit": {"csv_text", "errors"},
    "contract": set(),
    "stats": set(),
    "packs": {"contract"},
    "engine": {"contract", "errors"},
    "protocol": {"errors", "contract", "packs"},
    "records": {"protocol", "engine", "errors"},
    "encoding": {"records", "protocol"},
    **{phase: {"records", "encoding", "protocol", "engine", "contract", "packs", *WRITING} for phase in PHASES},
    "difference": {"document", *WRITING},
    "founding": set(),  # files alone
    "study": {"records", "protocol", "packs", "contract", "errors", *PHASES},
    "multiverse": {"study", "records", "protocol", "errors", "workers", *PHASES},
    "simulation": {"study", "records", "protocol", "workers", *PHASES},
    "workers": set(),
    "verify": {"study", "records", "folders", "csv_text"},
    "start": {"data", "protocol", "packs", "engine", "contract", "errors", "csv_text"},
    "handover": {"start", "data", "protocol", "packs", "engine", "contract", *WRITING},
    "cli": {
        "handover",
        "protocol",  # a plan needs no data
        "audit",
        "start",
        "study",
        "multiverse",
        "simulation",
        "verify",
        "difference",
        "errors",
        "contract",
        "estimate",  # a published curve needs no study
        "report",
        "folders",
        "exits",
        "__init__",
    },
    "__init__": {"study", "records", "protocol", "errors", *PHASES},
    "exits": {"errors"},
    "__main__": {"cli"},
}
ALLOWED["reproduce"] |= {"report"}  # the same results.csv
ALLOWED["report"] |= {"document", "audit"}
for bridge in BRIDGES:
    ALLOWED[bridge] = ALLOWED[bridge] | {"stats"}

FILES = sorted(SOURCE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(parsed(path))


def room(path: Path) -> str:
    """The part of the house a file belongs to: its first folder, or its own name."""
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> list[tuple[str, ast.AST]]:
    """Dotted names of our own modules that a file imports, wherever in the file."""
    found = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [(a.name, node) for a in node.names if a.name.split(".")[0] == "equipoise"]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = list(path.relative_to(SOURCE).parts[:-1])
                base = base[: len(base) - node.level + 1]
                found.append((".".join(["equipoise", *base, node.module or ""]).rstrip("."), node))
            elif (node.module or "").split(".")[0] == "equipoise":
                found += [(_module(str(node.module), a.name), node) for a in node.names]
    return found


def _module(base: str, name: str) -> str:
    """`from base import name`: the module base.name where there is one, else base."""
    inner = SOURCE.joinpath(*base.split(".")[1:], name)
    is_module = inner.with_suffix(".py").is_file() or inner.joinpath("__init__.py").is_file()
    return f"{base}.{name}" if is_module or base == "equipoise" else base


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_only_descend(path: Path) -> None:
    own = room(path)
    for name, _ in imports(path):
        parts = name.split(".")
        target = parts[1] if len(parts) > 1 else "__init__"
        if target == "__version__":
            continue
        assert target == own or target in ALLOWED[own], f"{path.relative_to(SOURCE)} imports {name}"


def test_no_cycle_between_modules() -> None:
    graph = {}
    for path in FILES:
        module = ".".join(("equipoise", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        graph[module] = {name for name, node in imports(path) if isinstance(node, ast.Import | ast.ImportFrom)}
    state: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " -> ".join([*trail, module])
        if state.get(module) == 2 or module not in graph:
            return
        state[module] = 1
        for target in sorted(graph[module]):
            if target != module:
                visit(target, (*trail, module))
        state[module] = 2

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("path", [p for p in FILES if room(p) == "stats"], ids=lambda p: p.stem)
def test_stats_knows_no_frame(path: Path) -> None:
    for node in nodes(path):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not {n.split(".")[0] for n in names} & {"pandas", "polars", "duckdb"}, path.name


def test_an_engine_is_imported_in_its_room_alone() -> None:
    """What an engine is stands in `engine/`; everybody else knows only what it does."""
    for path in FILES:
        if room(path) == "engine":
            continue
        for node in nodes(path):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not {n.split(".")[0] for n in names} & {"duckdb", "psycopg", "pyspark"}, path.relative_to(SOURCE)


def test_own_modules_are_imported_at_the_top() -> None:
    """Inside functions only the doors import, to keep `--help` quick, and the conductor, of whose pages `check` needs none; and
    nobody imports us by string but the face."""
    for path in FILES:
        tree = parsed(path)
        if room(path) not in {"cli", "__init__", "stats", "study"}:
            inner = [n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)]
            ours = [n for n in inner if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("equipoise")]
            assert not ours, f"{path.relative_to(SOURCE)} imports our own module inside a function"
            assert 'import_module("equipoise' not in path.read_text(encoding="utf-8")


def test_help_stays_light() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from typer.testing import CliRunner; from equipoise.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "heavy = {'pandas', 'matplotlib', 'scipy.stats', 'statsmodels'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_study_of_the_repository_stands_beside_the_package() -> None:
    """The package works without `studies/`; a study there may take the contract, the shipped files and the statistics."""
    beside = {p.name for p in STUDIES.iterdir() if p.is_dir()}
    for path in FILES:
        for node in nodes(path):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not {n.split(".")[0] for n in names} & {"studies", *beside}, path.relative_to(SOURCE)
    for path in sorted(STUDIES.rglob("*.py")):
        taken = {[*n.split("."), "__init__"][1] for n, _ in imports(path)}
        assert taken <= {"contract", "errors", "founding", "protocol", "stats"}, path.relative_to(STUDIES)


def test_every_file_of_the_package_ships() -> None:
    """A file that no pattern of `package-data` names is in the clone and not in the wheel."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert setup["packages"]["find"]["where"] == ["src"]
    patterns = setup["package-data"]["*"]
    there = [p for p in SOURCE.rglob("*") if p.is_file() and p.suffix != ".py" and p.parent.name != "__pycache__"]
    files = [p.relative_to(ROOT).as_posix() for p in there]
    left = [f for f in files if not any(fnmatch(f.rsplit("/", 1)[-1], pattern) for pattern in patterns)]
    assert left == ["src/equipoise/verify/make_witnesses.sh"]  # run in a clone alone


def test_the_drawing_is_true() -> None:
    """docs/architecture.md draws every room, every file beside the rooms and nothing else; the files that it names are there."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = text.split("```")[1].split("src/equipoise/\n")[1].split("\nstudies/")[0]
    heads = [re.split(r"\s{3,}", line.strip())[0] for line in drawing.splitlines() if re.match(r"  \w", line)]
    drawn = [word for head in heads for word in head.split()]
    rooms = {f"{p.name}/" for p in SOURCE.iterdir() if (p / "__init__.py").is_file()} | {p.name for p in SOURCE.glob("*.py")}
    assert sorted(drawn) == sorted(rooms)
    named = re.findall(r"`(\w+(?:/\w+)+\.\w+)`", text)
    assert named and not [file for file in named if not any((root / file).is_file() for root in (SOURCE, ROOT))]


WORDS_OF_A_TUMOUR = re.compile(
    r"\b(afp|pivka\w*|child[_ -]pugh\w*|bclc\w*|m?albi\w*|etiology|hepatitis\w*|hepatocellular|cirrhosis|serology|hbsag|hbv|hcv"
    r"|encephalopathy|vp_grade|ehm|mvi|tace|rfa|nash|imdc\w*|lipi\w*|dnlr|atezolizumab\w*|bevacizumab\w*|given_(?:ate|bev)|prior_cycles"
    r"|firstline_\w+)\b",
    re.IGNORECASE,
)  # fmt: skip


def test_the_core_says_no_word_of_a_tumour() -> None:
    """What one tumour or one line of treatment has stands in its pack; the founding study's, beside its protocol. Lesions are
    measured by the tumour's criteria in `outcomes/`, which name organs. `protocol/prior_line.py` names the table of its pack."""
    rooms = ("contract", "protocol", "data", "cohort", "derive", "engine", "start", "records")
    files = [p for folder in rooms for p in (SOURCE / folder).rglob("*") if p.suffix in {".py", ".sql"}]
    said = {str(p.relative_to(SOURCE)): set(WORDS_OF_A_TUMOUR.findall(p.read_text(encoding="utf-8"))) for p in files}
    assert {name: words for name, words in said.items() if words} == {"protocol/prior_line.py": {"firstline_infusion"}}


def test_files_stay_readable() -> None:
    long = {str(p.relative_to(SOURCE)): n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 450}
    assert not long, long
