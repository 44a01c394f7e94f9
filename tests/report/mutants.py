"""Mutants of the words between estimate/ and report/: each literal misspelt, and exchanged with another valid word.

`python tests/report/mutants.py` plants them one at a time in a forked process and says what caught each: the static test, the
vocabulary while the studies are estimated and their documents assembled, the test of what is printed, or R's numbers.
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
from dataclasses import dataclass, replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import words  # noqa: E402

from equipoise.records import Study  # noqa: E402
from equipoise.records.vocabulary import PHASES, STATISTICS  # noqa: E402

REPOSITORY = Path(__file__).parents[2]
PHASE_ORDER = {"phase": list(PHASES), "statistic": list(STATISTICS)}


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
    found = {(a.file, a.line, a.column): a for a in (*words.constants(rooms), *words.literals(rooms))}
    made = []
    for at in found.values():
        if at.text:
            made += [Mutant(at, at.text + "x"), Mutant(at, _other(at))]
    return [m for m in made if _parses(m)]


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
class Baseline:
    """What the pages are given without a mutant, what is estimated and given to none, and what each study's pages say."""

    given: set
    silent: set
    texts: dict[str, str]


def studies() -> dict[str, Study]:
    """What the mutants are planted under: a study from raw tables, spreadsheets, single arms."""
    from wide import one_arm_study, raw_study, sheet_study, sparse_study

    from equipoise.study import run_study

    def folder() -> Path:
        return Path(tempfile.mkdtemp())

    return {
        "sheet": sheet_study(folder()),
        "one_arm": one_arm_study(folder()),
        "sparse": sparse_study(folder()),
        "gbsg2": run_study(REPOSITORY / "examples" / "gbsg2" / "study.yaml"),
        "founding": run_study(REPOSITORY / "src" / "equipoise" / "founding" / "study.yaml"),
        "raw": raw_study(REPOSITORY, folder()),
    }


def caught(mutant: Mutant, known: dict[str, Study], baseline: Baseline) -> str:
    """What catches it, '' for nothing."""
    if mutant.text not in words.KNOWN[mutant.at.part] and mutant.at in set(words.literals()):
        return "static"
    return _forked(lambda: _alive(mutant, known, baseline))


def _forked(function) -> str:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            said = function()
        except BaseException as error:
            said = f"run: {type(error).__name__}: {str(error)[:90]}"
        os.write(write, pickle.dumps(said))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        found = pickle.loads(pipe.read())
    os.waitpid(pid, 0)
    return found


def _alive(mutant: Mutant, known: dict[str, Study], baseline: Baseline) -> str:
    room = mutant.at.file.relative_to(words.SOURCE).parts[0]
    for name in [m for m in sys.modules if m.startswith(f"equipoise.{room}") or m == "asked"]:
        del sys.modules[name]
    sys.meta_path.insert(0, Planted(mutant))
    if room == "estimate":
        from equipoise.estimate.estimate import estimate_effects

        for name, study in known.items():
            new = estimate_effects(study.protocol, study.designs, study.covariates, study.outcomes, study.quality)
            said = _witnessed(name, new)
            if said:
                return said
            known[name] = replace(study, estimates=new)
    import asked

    given, estimated, changed = set(), set(), False
    for name, study in known.items():
        estimated |= asked.written(study)
        found, text = asked.pages(study)
        given |= found
        changed = changed or text != baseline.texts[name]
    if baseline.given - given or (estimated - given) - baseline.silent:
        return "printed"
    return "text" if changed else ""


def _witnessed(name: str, estimates) -> str:
    """Whether R's numbers of the shipped witnesses disagree."""
    from equipoise.verify import witnesses

    for witness in witnesses.WITNESSES:
        if witness.name == name:
            checks = witnesses._checks(witness, replace_estimates(estimates))
            wrong = [c for c in checks if not c.passed]
            return f"R: {len(wrong)} numbers" if wrong else ""
    return ""


def replace_estimates(estimates):
    class Only:
        pass

    only = Only()
    only.estimates = estimates
    return only


def main(part: int = 0, of: int = 1) -> None:
    """Plants every `of`-th mutant from the `part`-th on."""
    import asked

    known = studies()
    texts, given, estimated = {}, set(), set()
    for name, study in known.items():
        found, texts[name] = asked.pages(study)
        given |= found
        estimated |= asked.written(study)
    baseline = Baseline(given, estimated - given, texts)
    made = mutants()[part::of]
    count: Counter[str] = Counter()
    for mutant in made:
        by = caught(mutant, dict(known), baseline)
        count[by.split(":")[0]] += 1
        if by in ("text", ""):
            print(f"{by or 'SURVIVES'}: {mutant.name}", flush=True)
    print(f"{len(made)} mutants:", dict(count), flush=True)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
