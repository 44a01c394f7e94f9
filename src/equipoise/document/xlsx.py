"""Tables as a workbook: a sheet that lists them, then a sheet for each table, as printed.

Every cell is text, and none is a formula whatever it begins with: a number keeps the decimals that the report prints, and a
spreadsheet turns no `1-2` into a date. Same tables, same bytes.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterable
from copy import copy
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from equipoise.document.archive import packed_alike
from equipoise.document.docx_parts import clean
from equipoise.document.model import Cell, Table, TableRow
from equipoise.document.phrases import phrases

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CONTENTS = "Contents"
NAME_LENGTH = 31  # of a sheet, at most
NARROWEST, WIDEST = 8, 48  # characters of a column; longer cells break
TYPEFACE, SIZE, LINE = "Calibri", 11, 15  # of the library's own cells; height of a line in points
CELL_LENGTH = 32_767  # signs of a cell, at most
CREATED = "2000-01-01T00:00:00Z"  # a file that is the same for the same tables says no other time


def tables_xlsx(tables: Iterable[Table]) -> bytes:
    """The whole workbook. A sheet bears the name of its table, as its csv file does."""
    import openpyxl

    book = openpyxl.Workbook()
    listing = book.active
    assert listing is not None
    listing.title = CONTENTS
    named = _sheet_names(tables)
    for table, name in named:
        _fill(book.create_sheet(name), table)
    _list(listing, named)
    return _stable(book)


def _sheet_names(tables: Iterable[Table]) -> list[tuple[Table, str]]:
    """Names that a spreadsheet takes, told apart without regard to capitals."""
    taken = {CONTENTS.lower(), "history"}  # the second is kept by Excel for itself
    named = []
    for table in tables:
        plain = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "_", table.name.removeprefix("table_"))[:NAME_LENGTH] or "table"
        name, i = plain, 1
        while name.lower() in taken:
            i += 1
            name = f"{plain[: NAME_LENGTH - len(str(i)) - 1]}_{i}"
        taken.add(name.lower())
        named.append((table, name))
    return named


def _list(sheet: Worksheet, named: list[tuple[Table, str]]) -> None:
    """Number, title and a link for each table."""
    own = phrases()
    for i, words in enumerate((own.table, own.title, own.sheet), 1):
        _put(sheet, 1, i, words, bold=True)
    for at, (table, name) in enumerate(named, 2):
        _put(sheet, at, 1, table.number)
        _put(sheet, at, 2, table.title)
        _put(sheet, at, 3, name)
        sheet.cell(at, 3).hyperlink = f"#'{name}'!A1"
        sheet.cell(at, 3).style = "Hyperlink"
    for column, width in (("A", 12), ("B", 80), ("C", NAME_LENGTH + 2)):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    _as_wide_as_paper(sheet)


def _fill(sheet: Worksheet, table: Table) -> None:
    """Title, head, body, then what stands below the table."""
    _put(sheet, 1, 1, f"{table.number}. {table.title}" if table.number else table.title, bold=True)
    first = 2
    for at, row in enumerate((*table.head, *table.body), first):
        _row(sheet, at, row, table.width, head=at < first + len(table.head))
    last = first + len(table.head) + len(table.body)
    notes = [*table.notes, *(f"{letter} {words}" for letter, words in table.footnotes)]
    below = [TableRow((Cell(words, table.width, align="left"),)) for words in notes]
    for at, row in enumerate(below, last + 1):
        _row(sheet, at, row, table.width, head=False)
    _rule(sheet, first, table.width, "top")
    _rule(sheet, first + len(table.head) - 1, table.width, "bottom")
    _rule(sheet, last - 1, table.width, "bottom")
    _page(sheet, table, first, below)


def _row(sheet: Worksheet, at: int, row: TableRow, width: int, head: bool) -> None:
    column = 1
    for cell in row.cells:
        strong = head or row.kind == "group" or cell.bold
        made = _put(sheet, at, column, cell.text, strong, cell.note)
        _dress(made, ("aligned", cell.align, cell.indent), partial(setattr, made, "alignment", _aligned(cell.align, cell.indent)))
        if cell.span > 1:
            sheet.merge_cells(start_row=at, start_column=column, end_row=at, end_column=min(column + cell.span - 1, width))
        column += cell.span


def _put(sheet: Worksheet, row: int, column: int, words: str, bold: bool = False, raised: str = "") -> Any:
    """The words as text, never as a number or a formula, with a footnote letter raised behind them."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    cell = sheet.cell(row, column)
    said = clean(words)[:CELL_LENGTH]
    if raised:
        blocks = [TextBlock(InlineFont(b=bold or None), said)] if said else []
        cell.value = CellRichText(*blocks, TextBlock(InlineFont(vertAlign="superscript"), clean(raised)))
    elif said:
        cell.value, cell.data_type = said, "s"
    _dress(cell, ("words", bool(said), bold), lambda: _as_text(cell, bool(said), bold))
    return cell


def _as_text(cell: Any, said: bool, bold: bool) -> None:
    cell.quotePrefix = said  # it stays text where somebody edits it
    if bold:
        cell.font = _bold()


def _dress(cell: Any, look: tuple[Any, ...], put_on: Callable[[], None]) -> None:
    """Puts a look on a cell. The library looks for each part of it among all that its book has; what a cell of the same looks
    became by it once, the next one becomes at once."""
    known: dict[Any, Any] = cell.parent.parent.__dict__.setdefault("_known_looks", {})
    key = (tuple(cell._style or ()), look)
    if key not in known:
        put_on()
        known[key] = cell._style
    cell._style = copy(known[key])


@cache
def _aligned(align: str, indent: int) -> Any:
    from openpyxl.styles import Alignment

    return Alignment(horizontal=align, vertical="top", wrap_text=True, indent=indent)


@cache
def _bold() -> Any:
    from openpyxl.styles import Font

    return Font(name=TYPEFACE, size=SIZE, bold=True)


def _rule(sheet: Worksheet, row: int, width: int, side: str) -> None:
    for column in range(1, width + 1):
        cell = sheet.cell(row, column)
        _dress(cell, ("ruled", side), partial(_ruled, cell, side))


def _ruled(cell: Any, side: str) -> None:
    from openpyxl.styles import Border, Side

    cell.border = Border(**{"top": cell.border.top, "bottom": cell.border.bottom, side: Side(style="thin")})


def _page(sheet: Worksheet, table: Table, first: int, notes: list[TableRow]) -> None:
    """Widths by the longest cells; the head stays in sight, and stands again on every printed page."""
    from openpyxl.utils import get_column_letter

    longest = [NARROWEST] * table.width
    for row in (*table.head, *table.body):
        column = 0
        for cell in row.cells:
            if cell.span == 1:
                longest[column] = max(longest[column], len(cell.text) + len(cell.note) + 2 * cell.indent + 2)
            column += cell.span
    widths = [min(width, WIDEST) for width in longest]
    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    for at, row in enumerate((*table.head, *table.body, TableRow(()), *notes), first):
        sheet.row_dimensions[at].height = LINE * _lines(row, widths)
    below = first + len(table.head)
    sheet.freeze_panes = f"B{below}"
    sheet.print_title_rows = f"{first}:{below - 1}"
    sheet.page_setup.orientation = "landscape" if table.landscape else "portrait"
    _as_wide_as_paper(sheet)


def _lines(row: TableRow, widths: list[int]) -> int:
    """Lines of the cell that breaks most often: programs do not measure rows that they did not write."""
    at, most = 0, 1
    for cell in row.cells:
        room = sum(widths[at : at + cell.span]) - 2 * cell.indent
        if len(cell.text) > room or "\t" in cell.text:
            most = max(most, len(textwrap.wrap(cell.text, max(room, 1))))
        at += cell.span
    return most


def _as_wide_as_paper(sheet: Worksheet) -> None:
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _stable(book: Any) -> bytes:
    """The file without the time of writing."""
    import datetime as dt

    from openpyxl.xml.functions import tostring

    out = io.BytesIO()
    book.properties.creator, book.properties.title = "Equipoise", "Tables"
    book.save(out)
    book.properties.created = book.properties.modified = dt.datetime.fromisoformat(CREATED.removesuffix("Z"))
    return packed_alike(out.getvalue(), {"docProps/core.xml": tostring(book.properties.to_tree())})
