r"""A table as LaTeX, to be read by `\input`: booktabs, its head again on every page, turned where it is wide.

Needs booktabs, longtable, array and, for a wide table, pdflscape. Whatever a text holds is printed and is never a command; signs
beyond those of `SIGNS` stay as they are and need XeLaTeX or LuaLaTeX with a font that has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from equipoise.document.model import Cell, Table, TableRow

PACKAGES = ("booktabs", "longtable", "array")
TURNED = "pdflscape"
SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "`": r"\textasciigrave{}", '"': "{''}", "[": "{[}", "]": "{]}", "*": "{*}",
    "\u00a0": "~", "\u2212": "$-$", "\u2013": "--", "\u2014": "---", "\u2019": "{'}", "\u2018": "{`}", "\u201c": "{``}",
    "\u201d": "{''}", "\u2264": r"$\leq$", "\u2265": r"$\geq$", "\u00d7": r"$\times$", "\u00b1": r"$\pm$",
    "\u00b7": r"$\cdot$", "\u2026": r"\ldots{}", "\u2192": r"$\rightarrow$", "\u00b0": r"$^{\circ}$", "\u00b2": r"$^{2}$",
    "\u00b3": r"$^{3}$", "\u00b5": r"$\mu$", "\u03bc": r"$\mu$", "\u03b1": r"$\alpha$", "\u03b2": r"$\beta$",
    "\u03b3": r"$\gamma$", "\u03b4": r"$\delta$", "\u03ba": r"$\kappa$", "\u03bb": r"$\lambda$", "\u03c7": r"$\chi$",
    "\u2020": r"\dag{}", "\u2021": r"\ddag{}", "\u00a7": r"\S{}", "\u2022": r"\textbullet{}", "\u221e": r"$\infty$",
    "\u2248": r"$\approx$", "\u2260": r"$\neq$",
}  # fmt: skip
JOINED = "-,'"  # signs of which LaTeX makes another one where two stand together
INDENT = r"\hspace{1em}"


def table_latex(table: Table) -> str:
    """The table with its caption and label (`tab:` and the name of its csv file); notes below. Its number is LaTeX's own."""
    label = table.name.removeprefix("table_")
    needed = (*PACKAGES, *([TURNED] if table.landscape else []))
    alignments = _alignments(table)
    head = _head(table, alignments)
    lines = [
        f"% Needs {', '.join(f'{chr(92)}usepackage{{{name}}}' for name in needed)}",
        *([r"\begin{landscape}"] if table.landscape else []),
        r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{longtable}}{{@{{}}{''.join(map(_column, table.shares, alignments))}@{{}}}}",
        rf"\caption{{{escaped(table.title)}}}\label{{tab:{_label(label)}}}\\",
        r"\toprule",
        *head,
        r"\midrule",
        r"\endfirsthead",
        r"\toprule",
        *head,
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *(_row(row, table, alignments, strong=row.kind == "group") for row in table.body),
        r"\end{longtable}",
        *_notes(table),
        r"\endgroup",
        *([r"\end{landscape}"] if table.landscape else []),
    ]
    return "\n".join(lines) + "\n"


def book_latex(title: str, files: Iterable[str]) -> str:
    r"""A document that reads these files, to look at the tables or to begin from."""
    lines = [
        r"\documentclass[a4paper]{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[margin=2cm]{geometry}",
        *(rf"\usepackage{{{name}}}" for name in (*PACKAGES, TURNED)),
        r"\begin{document}",
        rf"\section*{{{escaped(title)}}}",
        *(rf"\input{{{file}}}" for file in files),
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def escaped(words: str) -> str:
    """The words as LaTeX prints them; control characters and marks of direction, which its input cannot hold, are left out."""
    made = []
    for i, sign in enumerate(words):
        if sign in SIGNS:
            made.append(SIGNS[sign])
        elif sign in "\n\t":
            made.append(" ")
        elif unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            made.append("{}" + sign if sign in JOINED and words[i - 1 : i] == sign else sign)
    return "".join(made)


def _label(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name)


def _column(share: float, align: str) -> str:
    return rf"{_placed(align)}p{{\dimexpr{share:.4f}\linewidth-2\tabcolsep}}"


def _placed(align: str) -> str:
    kinds = {"left": r"\raggedright", "right": r"\raggedleft"}
    return rf">{{{kinds.get(align, chr(92) + 'centering')}\arraybackslash}}"


def _alignments(table: Table) -> list[str]:
    """Of each column, as most of its cells in the body stand."""
    counts: list[dict[str, int]] = [{} for _ in range(table.width)]
    for row in table.body:
        at = 0
        for cell in row.cells:
            if cell.span == 1:
                counts[at][cell.align] = counts[at].get(cell.align, 0) + 1
            at += cell.span
    return [max(found, key=lambda align: found[align]) if found else "center" for found in counts]


def _head(table: Table, alignments: list[str]) -> list[str]:
    lines = []
    for row in table.head:
        lines.append(_row(row, table, alignments, strong=True))
        at, rules = 1, []
        for cell in row.cells:
            if cell.span > 1 and cell.text:
                rules.append(rf"\cmidrule(lr){{{at}-{at + cell.span - 1}}}")
            at += cell.span
        lines += ["".join(rules)] if rules else []
    return lines


def _row(row: TableRow, table: Table, alignments: list[str], strong: bool) -> str:
    cells: list[str] = []
    at = 0
    for cell in row.cells:
        words = _cell(cell, strong)
        if cell.span > 1 or cell.align != alignments[at]:
            words = rf"\multicolumn{{{cell.span}}}{{{_spanning(table, at, cell)}}}{{{words}}}"
        cells.append(words)
        at += cell.span
    cells += [""] * (table.width - at)
    return " & ".join(cells) + r" \\"


def _spanning(table: Table, at: int, cell: Cell) -> str:
    share = sum(table.shares[at : at + cell.span])
    first, last = "@{}" if at == 0 else "", "@{}" if at + cell.span == table.width else ""
    return f"{first}{_column(share, cell.align)}{last}"


def _cell(cell: Cell, strong: bool) -> str:
    words = escaped(cell.text)
    if words and (strong or cell.bold):
        words = rf"\textbf{{{words}}}"
    raised = rf"\textsuperscript{{{escaped(cell.note)}}}" if cell.note else ""
    return f"{INDENT * cell.indent}{words}{raised}"


def _notes(table: Table) -> list[str]:
    lines = [rf"\noindent {escaped(words)}\par" for words in table.notes]
    if table.footnotes:
        told = "; ".join(rf"\textsuperscript{{{letter}}}~{escaped(words)}" for letter, words in table.footnotes)
        lines.append(rf"\noindent {told}.\par")
    return lines
