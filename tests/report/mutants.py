"""Mutants of the words between estimate/ and report/: each literal misspelt, and exchanged with another valid word.

`python tests/report/mutants.py` plants them one at a time in a forked process and says what caught each: the static test, the
vocabulary while the studies are estimated and their documents assembled, or the record of what is written and asked for.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import os
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import record  # noqa: E402
import words  # noqa: E402

from equipoise.records import Study  # noqa: E402
from equipoise.records.vocabulary import PHASES, STATISTICS  # noqa: E402

REPOSITORY = Path(__file__).parents[2]
PHASE_ORDER = {"phase": list(PHASES), "statistic": list(STATISTICS)}

PLAN = "plan.py"  # reads the protocol before there is a row; its words are keys of the protocol


@dataclass(frozen=True, slots=True)
class Mutant:
    at: words.Literal
    text: str

    @property
    def source(self) -> str:
        lines = self.at.file.read_text(encoding="utf-8").splitlines(keepends=True)
        line = lines[self.at.line - 1].encode()
        lines[self.at.line - 1] = (line[: self.at.column] + repr(self.text).encode() + line[self.at.end :]).decode()
        return "".join(lines)

    @property
    def name(self) -> str:
        return f"{self.at.file.relative_to(words.SOURCE)}:{self.at.line} {self.at.part} {self.at.text!r} -> {self.text!r}"


def mutants(rooms: tuple[str, ...] = ("estimate", "report")) -> list[Mutant]:
    """Two of each literal. The other valid word is the next of its kind, of an analysis the next of its phase."""
    found = {(a.file, a.line, a.column): a for a in (*words.constants(rooms), *words.literals(rooms)) if a.file.name != PLAN}
    made = []
    for at in found.values():
        if at.text:
            made += [Mutant(at, at.text + "x"), Mutant(at, _other(at))]
    return [m for m in made if m.text != m.at.text and _parses(m)]  # the only analysis of a phase has no other


def _parses(mutant: Mutant) -> bool:
    ast.parse(mutant.source)
    return True


def _other(at: words.Literal) -> str:
    if at.part == "analysis":
        names = next(list(p.analyses) for p in PHASES.values() if at.text in p.analyses)
    else:
        names = PHASE_ORDER[at.part]
    names = [n for n in names if n]
    return names[(names.index(at.text) + 1) % len(names)]


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed source."""

    def __init__(self, mutant: Mutant):
        relative = mutant.at.file.relative_to(words.SOURCE).with_suffix("")
        self.module, self.source = ".".join(("equipoise", *relative.parts)), mutant.source

    def find_spec(self, fullname, path, target=None):
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.module else None

    def exec_module(self, module):
        exec(compile(self.source, self.module, "exec"), module.__dict__)  # our own source


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The studies as they are, the quickest first, what each writes and what its pages ask."""

    studies: dict[str, Study]
    written: dict[str, Counter]
    asked: dict[str, set]

    @classmethod
    def of(cls, studies: dict[str, Study]) -> Unchanged:
        from questions import questions

        found = {name: questions(study)[0] for name, study in studies.items()}
        return cls(studies, {name: record.written(study.estimates) for name, study in studies.items()}, found)


STATIC = set(words.literals())


def caught(mutant: Mutant, unchanged: Unchanged) -> str:
    """What catches it: `static`, `refused` while a study is estimated or its pages are made, the record of what is `written` or
    `asked`; '' for nothing."""
    if mutant.text not in words.KNOWN[mutant.at.part] and mutant.at in STATIC:
        return "static"
    return _forked(lambda: _alive(mutant, unchanged))


def _forked(function) -> str:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            said = function()
        except BaseException as error:
            said = f"refused: {type(error).__name__}: {str(error)[:90]}"
        os.write(write, pickle.dumps(said))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        found = pickle.loads(pipe.read())
    os.waitpid(pid, 0)
    return found


def _alive(mutant: Mutant, unchanged: Unchanged) -> str:
    room = mutant.at.file.relative_to(words.SOURCE).parts[0]
    for name in [m for m in sys.modules if m.startswith(f"equipoise.{room}") or m in ("asked", "questions")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Planted(mutant))
    if room == "report" and not words.told_once():
        return "told"
    return _rewritten(mutant, unchanged) if room == "estimate" else _asked_again(mutant, unchanged)


def _likely(mutant: Mutant, found: dict[str, Iterable[tuple]], place: str = "") -> list[str]:
    """The studies, first those where the word was found (at a place that begins so), in their order."""
    hit = {n for n, told in found.items() if any(mutant.at.text in t and t[0].startswith(place) for t in told)}
    return sorted(found, key=lambda name: name not in hit)


def _rewritten(mutant: Mutant, unchanged: Unchanged) -> str:
    from equipoise.estimate.estimate import estimate_effects

    for name in _likely(mutant, unchanged.written):
        s = unchanged.studies[name]
        new = estimate_effects(s.protocol, s.designs, s.covariates, s.outcomes, s.quality, s.imputed, s.published)
        if record.written(new) != unchanged.written[name]:
            return "written"
    return ""


def _asked_again(mutant: Mutant, unchanged: Unchanged) -> str:
    from questions import questions

    for name in _likely(mutant, unchanged.asked, str(mutant.at.file.relative_to(words.SOURCE / "report"))):
        if questions(unchanged.studies[name])[0] != unchanged.asked[name]:
            return "asked"
    return ""


def main(part: int = 0, of: int = 1) -> None:
    """Plants every `of`-th mutant from the `part`-th on."""
    from wide import recorded_studies

    unchanged = Unchanged.of(recorded_studies(REPOSITORY, lambda name: Path(tempfile.mkdtemp())))
    made = mutants()[part::of]
    count: Counter[str] = Counter()
    for mutant in made:
        by = caught(mutant, unchanged)
        count[by.split(":")[0] or "survives"] += 1
        if not by:
            print(f"survives: {mutant.name}", flush=True)
    print(f"{len(made)} mutants:", dict(count), flush=True)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
