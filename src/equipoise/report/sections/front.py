"""The pages around the text of a manuscript: title page, abstract, highlights, and the declarations behind it.

What only the authors can write and the protocol does not give stands there as a paragraph of style `authors`.
"""

from __future__ import annotations

from equipoise.document.model import Block, Bullets, Heading, Paragraph, Run, Section, bold, text
from equipoise.report.front_matter import authors, known
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.structured_abstract import abstract, highlights

LEFT_TO_AUTHORS = "[to be completed by the authors: {}]"
DECLARATIONS = (  # key of the metadata, heading, what the authors complete
    ("ethics", "Ethics approval", "approval by an ethics committee or institutional review board, with its number"),
    ("consent", "Informed consent", "informed consent, or its waiver"),
    ("registration", "Registration", "registry and number, or that the study was not registered"),
    ("funding", "Funding", "sources of funding and the role of the funders"),
    ("contributions", "Author contributions", "contribution of each author (CRediT)"),
    ("conflicts", "Conflict of interest", "conflicts of interest of each author"),
    ("data", "Data availability", "whether and how the data can be obtained"),
    ("acknowledgments", "Acknowledgments", "acknowledgments"),
)


def left_to_authors(what: str) -> Paragraph:
    return Paragraph((Run(LEFT_TO_AUTHORS.format(what), italic=True),), "authors")


def title_page(numbers: Numbers) -> Section:
    given = known(numbers.protocol.study.metadata)
    blocks: list[Block] = [*authors_listed(given.get("authors", ""))]
    for key, label, what in (
        ("corresponding", "Corresponding author", "corresponding author, with address and e-mail"),
        ("running title", "Running title", "running title"),
        ("key words", "Key words", "key words"),
    ):
        blocks.append(text(bold(f"{label}: "), given[key]) if key in given else left_to_authors(what))
    return Section("title_page", "", tuple(blocks))


def authors_listed(given: str) -> list[Paragraph]:
    """Names in one line, with the numbers of their affiliations; the affiliations below."""
    listed = authors(given)
    if not listed:
        return [left_to_authors("authors with their affiliations")]
    places = list(dict.fromkeys(place for author in listed for place in author.affiliations))
    runs: list[Run] = []
    for i, author in enumerate(listed):
        runs.append(Run(f"{', ' if i else ''}{author.name}"))
        if author.affiliations:
            runs.append(Run(",".join(str(places.index(place) + 1) for place in author.affiliations), sup=True))
    said = [Paragraph(tuple(runs))]
    said += [Paragraph((Run(str(i), sup=True), Run(place))) for i, place in enumerate(places, 1)]
    return said if places else [*said, left_to_authors("affiliations of the authors")]


def abstract_section(numbers: Numbers) -> Section:
    parts = tuple(text(bold(f"{label}: "), words) for label, words in abstract(numbers))
    return Section("abstract", "Abstract", parts, apart=True)


def highlights_section(numbers: Numbers) -> Section | None:
    items = highlights(numbers)
    return Section("highlights", "Highlights", (Bullets(tuple((Run(item),) for item in items)),)) if items else None


def own_words(numbers: Numbers, key: str, title: str) -> Section:
    """A section that the authors write: introduction, discussion."""
    given = known(numbers.protocol.study.metadata).get(key, "")
    return Section(key, title, (text(given) if given else left_to_authors(key),), apart=key == "introduction")


def back_matter(numbers: Numbers) -> Section:
    given = known(numbers.protocol.study.metadata)
    blocks: list[Block] = []
    for key, title, what in DECLARATIONS:
        blocks += [Heading(title), text(given[key]) if key in given else left_to_authors(what)]
    return Section("back_matter", "Declarations", tuple(blocks))
