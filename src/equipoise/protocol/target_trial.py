"""The target trial that a study emulates, element by element, in the authors' words.

Hernan MA, Robins JM, Am J Epidemiol 2016;183:758; TARGET statement, JAMA 2025, items 6a to 6h.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from equipoise.protocol.part import Part

Words = Annotated[str, Field(min_length=1)]


Element = Literal["eligibility", "strategies", "assignment", "follow_up", "outcomes", "contrast", "assumptions", "analysis"]
ELEMENTS: tuple[Element, ...] = get_args(Element)


class TargetTrial(Part):
    """What the trial would do: its specification. The emulation beside it is told from the protocol itself. emulation: words on
    an element that stand in place of that."""

    eligibility: Words
    strategies: Words
    assignment: Words
    follow_up: Words
    outcomes: Words
    contrast: Words
    assumptions: Words
    analysis: Words
    emulation: dict[Element, Words] = {}
