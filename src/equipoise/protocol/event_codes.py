"""The values of a column that decide an event, each named: what is the event, what competes with it, what is censored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from equipoise.protocol.part import Part

TAGS = ("values by name", "an expression")  # parts of pydantic's path that no file holds


class EventCodes(Part):
    """column: of the spreadsheet. is: the values that are the event. competing: events of another kind; they are counted, and
    end the time like a censoring. censored: everything else that is known. In a column of numbers 1 and 1.0 are one value."""

    column: str
    is_: list[str] = Field(alias="is", min_length=1)
    competing: list[str] = []
    censored: list[str] = []

    @field_validator("is_", "competing", "censored", mode="before")
    @classmethod
    def _one_or_more(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    @field_validator("is_", "competing", "censored")
    @classmethod
    def _plain(cls, given: list[str]) -> list[str]:
        return [v.strip() for v in given]

    @model_validator(mode="after")
    def _each_once(self) -> EventCodes:
        named = self.named
        twice = sorted({v for v in named if named.count(v) > 1})
        if twice:
            raise ValueError(f"a value is either the event, competing or censored; named twice: {', '.join(twice)}")
        return self

    @property
    def named(self) -> list[str]:
        return [*self.is_, *self.competing, *self.censored]

    @property
    def expression(self) -> str:
        """True for the event, whatever the type of the column."""
        listed = ", ".join("'" + v.replace("'", "''") + "'" for v in self.is_)
        return '"' + self.column.replace('"', '""') + f'" in ({listed})'

    @property
    def competing_expression(self) -> str:
        """True for a competing event; '' where none is named."""
        return self.model_copy(update={"is_": self.competing}).expression if self.competing else ""

    def counted(self, value: str, number: bool) -> str:
        """event, competing, censored, or '' for a value that is not named. number: the column holds numbers alone."""
        for kind, values in (("event", self.is_), ("competing", self.competing), ("censored", self.censored)):
            if value in values or (number and value in map(plain_value, values)):
                return kind
        return ""


def plain_value(text: str) -> str:
    """A number as text: a whole one without its decimals."""
    text = text.strip()
    whole, point, decimals = text.partition(".")
    return whole if point and not decimals.strip("0") and whole.lstrip("-").isdigit() else text


def _tag(given: Any) -> str:
    return TAGS[0] if isinstance(given, dict | EventCodes) else TAGS[1]


Condition = Annotated[Annotated[EventCodes, Tag(TAGS[0])] | Annotated[str, Tag(TAGS[1])], Discriminator(_tag)]


def condition_text(given: EventCodes | str | None) -> str | None:
    """The condition as an expression."""
    return given.expression if isinstance(given, EventCodes) else given
