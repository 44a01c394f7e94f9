"""Sentences that still stand in code, and not in report/words: a list that may only shrink.

Another language is a folder of texts once nothing is left on it.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import equipoise

REPORT = Path(equipoise.__file__).parent / "report"
LEFT = Path(__file__).parent / "sentences_in_code.json"  # file -> how many; run this file to write it again, shorter
ROOMS = ("narrative", "sections", "tables", "figures", "pages")
WORD = re.compile(r"[^\W\d_]{2,}")
LEAST = 3  # words


def sentences(source: str) -> list[str]:
    """Literals of three words and more; docstrings, the messages of errors and keys of texts are none."""
    tree = ast.parse(source)
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            silent |= {id(x) for x in ast.walk(node.body[0])} if _is_docstring(node.body[0]) else set()
        elif isinstance(node, ast.Raise | ast.Assert) or _called(node) == "Fault":
            silent |= {id(x) for x in ast.walk(node)}
        elif isinstance(node, ast.Call) and _called(node) == "words":
            silent |= {id(x) for x in ast.walk(node.args[0])}
        elif isinstance(node, ast.JoinedStr):
            silent |= {id(x) for x in ast.walk(node) if x is not node and not isinstance(x, ast.JoinedStr)}
    told = [_text(node) for node in ast.walk(tree) if id(node) not in silent]
    return [text for text in told if len(WORD.findall(text)) >= LEAST and " " in text.strip()]


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else " " for part in node.values)
    return ""


def found() -> dict[str, int]:
    counts = {
        path.relative_to(REPORT).as_posix(): len(sentences(path.read_text(encoding="utf-8")))
        for room in ROOMS
        for path in sorted((REPORT / room).glob("*.py"))
    }
    return {name: n for name, n in counts.items() if n}


def test_no_file_has_more_sentences_in_code_than_it_had():
    left = json.loads(LEFT.read_text(encoding="utf-8"))
    more = {name: (n, left.get(name, 0)) for name, n in found().items() if n > left.get(name, 0)}
    assert more == {}, "new sentences belong into report/words/en/TOPIC.toml"


def test_what_counts_as_a_sentence():
    source = '''
"""A docstring of many words."""
def f(x):
    """Another one of many words."""
    assert x, "a message of our fault"
    return f"Of {x} patients, some left.", "two words", words(f"topic.name of {x}", x=x), "survival_of_all"
'''
    assert sentences(source) == ["Of   patients, some left."]


if __name__ == "__main__":
    known = json.loads(LEFT.read_text(encoding="utf-8")) if LEFT.exists() else found()
    kept = {name: min(n, known.get(name, n)) for name, n in found().items()}
    LEFT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
