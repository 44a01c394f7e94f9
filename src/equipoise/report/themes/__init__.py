"""How a report looks, as data: a TOML file for each journal. One theme at a time rules a report, and only that one.

`format` makes numbers into text by the theme of the block (`themed`), tables mark their footnotes by it, figures take their
colors and their width from it. What is estimated knows no theme.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from equipoise.errors import EquipoiseError, Fault
from equipoise.protocol.report_settings import COLORS, THEMES, WIDTHS, ReportSettings
from equipoise.records import Study

LETTERS = "letters"
PLAIN = "plain"
# Neighbors far apart, none lighter than what is seen on paper; the line of each tells them apart as well.
GREYS = ("#1a1a1a", "#767676", "#404040", "#9e9e9e", "#2b2b2b", "#8a8a8a", "#595959", "#b0b0b0")


@dataclass(frozen=True, slots=True)
class Numbers:
    """mark: between units and tenths. thousands: from which number on a comma parts them. percent, ratio: decimals. dash: between
    the limits of an interval, with its spaces. named: between the name of an interval and its limits, before a space."""

    mark: str
    thousands: int
    percent: int
    ratio: int
    dash: str
    named: str = ""


@dataclass(frozen=True, slots=True)
class PStyle:
    """zero: before the mark. space: at both sides of a sign. least: below it only that is said. decimals: from which P on how
    many. significant: figures that are shown at the least, 0 for no such rule."""

    name: str
    zero: bool
    space: bool
    least: float
    decimals: tuple[tuple[float, int], ...]
    significant: int


@dataclass(frozen=True, slots=True)
class Looks:
    """width: of a figure on paper, mm; 0, as it is drawn. arms: colors, in their order. typeface: names, of which the first that
    this machine has is used; none, or none there, the one that ships. instead: where a page is read on a machine without it, as
    CSS names typefaces. grey: nothing has a color."""

    width: int
    arms: tuple[str, ...]
    typeface: tuple[str, ...] = ()
    instead: str = ""
    grey: bool = False


@dataclass(frozen=True, slots=True)
class Theme:
    """symbols: of footnotes, in their order; none for letters."""

    title: str
    numbers: Numbers
    p: PStyle
    symbols: tuple[str, ...]
    figures: Looks


@cache
def theme(name: str) -> Theme:
    """A theme that ships (`protocol.report_settings.THEMES`)."""
    given = tomllib.loads(resources.files("equipoise.report.themes").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    symbols = given["footnotes"]["symbols"]
    p, looks = given["p"], given["figures"]
    return Theme(
        given["title"],
        Numbers(**given["numbers"]),
        PStyle(**{**p, "decimals": tuple((float(start), n) for start, n in p["decimals"])}),
        () if symbols == LETTERS else tuple(symbols),
        Looks(looks["width"], tuple(looks["arms"]), tuple(looks["typeface"]), looks["instead"]),
    )


def asked(settings: ReportSettings) -> Theme:
    """The theme of a protocol, with its own width and in grey where it says so."""
    found = theme(settings.theme)
    looks = found.figures
    if settings.width is not None:
        looks = replace(looks, width=settings.width)
    if settings.color == "greyscale":
        looks = replace(looks, arms=GREYS, grey=True)
    decimals = settings.ratio_decimals or found.numbers.ratio
    return replace(found, figures=looks, numbers=replace(found.numbers, ratio=decimals))


def looks_of(theme: str | None, width: int | None, color: str | None) -> dict[str, object]:
    """What a command asks for in place of the protocol's `report:`; None: nothing. Raises EquipoiseError for another word."""
    given = (("theme", theme, THEMES), ("width", width, WIDTHS), ("color", color, COLORS))
    faults = [
        Fault(f"--{key}", "unknown name", f"there is no '{value}'; allowed are {', '.join(map(str, there))}")
        for key, value, there in given
        if value is not None and value not in there
    ]
    if faults:
        raise EquipoiseError(faults)
    return {key: value for key, value, _ in given if value is not None}


def with_looks(study: Study, looks: Mapping[str, object]) -> Study:
    """The same study, whose report is written in another theme."""
    settings = study.protocol.report.model_copy(update=dict(looks))
    return replace(study, protocol=study.protocol.model_copy(update={"report": settings})) if looks else study


_NOW: ContextVar[Theme | None] = ContextVar("theme", default=None)


def current() -> Theme:
    """The theme of the block that this is called in; the plain one outside of all."""
    return _NOW.get() or theme(PLAIN)


@contextmanager
def themed(chosen: Theme) -> Iterator[None]:
    """Within the block, and in nothing that runs beside it, numbers and figures follow the theme."""
    before = _NOW.set(chosen)
    try:
        yield
    finally:
        _NOW.reset(before)


@contextmanager
def at_width(mm: int) -> Iterator[None]:
    """Within the block figures are of a width of their own, whatever the theme says."""
    with themed(replace(current(), figures=replace(current().figures, width=mm))):
        yield
