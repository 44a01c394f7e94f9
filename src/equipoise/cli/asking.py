"""The questions of `init`, put on a terminal."""

from __future__ import annotations

import sys

import typer

from equipoise.cli.shared import say
from equipoise.start.questions import Question


def on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: Question) -> list[str]:
    """The answers, by number or as written; asked again until there is one."""
    offered = list(question.answers)
    say(question.says)
    for k, answer in enumerate(offered, 1):
        known = question.answers[answer]
        say(f"  {k:>2}  {answer}{f': {known}' if known else ''}")
    while True:
        given = typer.prompt(
            "    by number" + (", several with commas" if question.several else ""), default=question.default or None
        )
        chosen = [_answer(part.strip(), offered) for part in ([given] if given in offered else str(given).split(","))]
        if all(chosen) and (question.several or len(chosen) == 1):
            return [str(c) for c in chosen]
        say("    this is none of the answers")


def _answer(given: str, offered: list[str]) -> str | None:
    if given in offered:
        return given
    return offered[int(given) - 1] if given.isdecimal() and 1 <= int(given) <= len(offered) else None
