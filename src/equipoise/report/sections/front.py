"""The pages around the text of a manuscript: title page, abstract, highlights, and the declarations behind it.

What only the authors can write and the protocol does not give stands there as a paragraph of style `authors`.
"""

from __future__ import annotations

from equipoise.document.model import Block, Bullets, Heading, Paragraph, Run, Section, bold, text
from equipoise.report.front_matter import authors, known
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.structured_abstract import abstract, highlights
from equipoise.report.words import words

DECLARATIONS = ("ethics", "consent", "registration", "funding", "contributions", "conflicts", "data", "acknowledgments")
TITLE_PAGE = ("corresponding", "running title", "key words")


def left_to_authors(what: str) -> Paragraph:
    return Paragraph((Run(words("front.left_to_authors", what=what), italic=True),), "authors")


def title_page(numbers: Numbers) -> Section:
    given = known(numbers.protocol.study.metadata)
    blocks: list[Block] = [*authors_listed(given.get("authors", ""))]
    for key in TITLE_PAGE:
        name = key.replace(" ", "_")
        label = words("front.labelled", label=words(f"front.heading.{name}"))
        blocks.append(text(bold(f"{label} "), given[key]) if key in given else left_to_authors(words(f"front.left.{name}")))
    return Section("title_page", "", tuple(blocks))


def authors_listed(given: str) -> list[Paragraph]:
    """Names in one line, with the numbers of their affiliations; the affiliations below."""
    listed = authors(given)
    if not listed:
        return [left_to_authors(words("front.left.authors"))]
    places = list(dict.fromkeys(place for author in listed for place in author.affiliations))
    runs: list[Run] = []
    for i, author in enumerate(listed):
        runs.append(Run(f"{', ' if i else ''}{author.name}"))
        if author.affiliations:
            runs.append(Run(",".join(str(places.index(place) + 1) for place in author.affiliations), sup=True))
    said = [Paragraph(tuple(runs))]
    said += [Paragraph((Run(str(i), sup=True), Run(place))) for i, place in enumerate(places, 1)]
    return said if places else [*said, left_to_authors(words("front.left.affiliations"))]


def abstract_section(numbers: Numbers) -> Section:
    parts = tuple(text(bold(f"{words('front.labelled', label=label)} "), said) for label, said in abstract(numbers))
    return Section("abstract", words("sections.abstract"), parts, apart=True)


def highlights_section(numbers: Numbers) -> Section | None:
    items = highlights(numbers)
    return (
        Section("highlights", words("sections.highlights"), (Bullets(tuple((Run(item),) for item in items)),)) if items else None
    )


def own_words(numbers: Numbers, key: str) -> Section:
    """A section that the authors write: introduction, discussion."""
    given = known(numbers.protocol.study.metadata).get(key, "")
    return Section(
        key,
        words(f"front.heading.{key}"),
        (text(given) if given else left_to_authors(words(f"front.left.{key}")),),
        apart=key == "introduction",
    )


def back_matter(numbers: Numbers) -> Section:
    given = known(numbers.protocol.study.metadata)
    blocks: list[Block] = []
    for key in DECLARATIONS:
        said = text(given[key]) if key in given else left_to_authors(words(f"front.left.{key}"))
        blocks += [Heading(words(f"front.heading.{key}")), said]
    return Section("back_matter", words("sections.back_matter"), tuple(blocks))
