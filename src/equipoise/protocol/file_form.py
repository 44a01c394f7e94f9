"""How a file is written, where it differs from the plain form: UTF-8, column names in its first row, decimal points."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from equipoise.protocol.part import Part

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp949", "gbk", "shift-jis")
ALIASES = {
    "utf8": "utf-8", "utf-8-sig": "utf-8", "utf16": "utf-16", "latin-1": "cp1252", "latin1": "cp1252", "iso-8859-1": "cp1252",
    "windows-1252": "cp1252", "euc-kr": "cp949", "euckr": "cp949", "ks_c_5601-1987": "cp949", "gb2312": "gbk", "cp936": "gbk",
    "gb18030": "gbk", "shift_jis": "shift-jis", "sjis": "shift-jis", "cp932": "shift-jis",
}  # fmt: skip


class FileForm(Part):
    """encoding: of text files. delimiter: not given, the sign that parts the column names into most cells. comment: the sign that
    begins lines to leave out, above, amid and below the rows. header_row: the row of the column names, as a spreadsheet program
    numbers it; not given, the first that is not blank. header_rows: 2 where each name stands in two cells, one below the other.
    rows_below: rows under the table that are none of it, blank ones not counted. merged: merged cells of a sheet hold in each of
    their rows what stands in the first. decimal_comma, thousands: columns whose numbers are so written. codes: of files of SPSS,
    Stata and SAS the codes, not their labels."""

    encoding: Literal["utf-8", "utf-16", "cp1252", "cp949", "gbk", "shift-jis"] = "utf-8"
    delimiter: Literal[",", ";", "tab", "|"] | None = None
    comment: str = Field("", max_length=2, pattern=r"^[^\s\w\"]*$")
    header_row: int | None = Field(None, ge=1, le=1000)
    header_rows: int = Field(1, ge=1, le=2)
    rows_below: int = Field(0, ge=0, le=1000)
    merged: Literal["fill"] | None = None
    decimal_comma: tuple[str, ...] = ()
    thousands: tuple[str, ...] = ()
    codes: bool = False

    @field_validator("encoding", mode="before")
    @classmethod
    def _other_names(cls, given: Any) -> Any:
        return ALIASES.get(given.lower(), given.lower()) if isinstance(given, str) else given

    @field_validator("delimiter", mode="before")
    @classmethod
    def _tab(cls, given: Any) -> Any:
        return "tab" if given == "\t" else given

    @property
    def sign(self) -> str | None:
        """The delimiter itself."""
        return "\t" if self.delimiter == "tab" else self.delimiter

    @property
    def declared(self) -> dict[str, Any]:
        """What differs from the plain form."""
        return self.model_dump(exclude_defaults=True)

    def line(self, said: str) -> str:
        """The line that declares something of the form, for a sentence: `form: {encoding: cp949}`."""
        return f"form: {{{said}}}"


class TableForm(FileForm):
    """The form of one file of several. sheet: of a workbook; not given, the first."""

    sheet: str | None = None
    _table: str = PrivateAttr("")

    def of(self, table: str) -> TableForm:
        """The same, knowing the table that it is of."""
        found = self.model_copy()
        found._table = table
        return found

    def line(self, said: str) -> str:
        return f"forms: {{{self._table}: {{{said}}}}}"


PLAIN = FileForm()
