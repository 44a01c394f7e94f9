"""References: marks behind phrases, numbers in order of citation, one style, links that lead somewhere, BibTeX."""

import io
import re

import docx
import pytest
from docx.oxml.ns import qn

from equipoise.document.docx import render_docx
from equipoise.document.html import render_html
from equipoise.document.model import Bullets, Document, Run, Section, runs_of, text
from equipoise.document.pdf import render_pdf
from equipoise.document.references import Reference, bibtex, cited_keys, listed, marked
from equipoise.packs.shipped import SHIPPED, shipped
from equipoise.report.bibliography import bibliography, core
from equipoise.report.paper import manuscript, references_bib, supplement

ONE = Reference(
    "one_1999", ("Fine JP", "Gray RJ"), "A model", 1999, "J Am Stat Assoc", "94", "496-509", "10.1/x", at=("Fine-Gray",)
)
TWO = Reference("two_1958", ("{A body}",), "A book", 1958, publisher="Wiley", at=("(A body, 1958)", "kappa"))
BOTH = {"two_1958": TWO, "one_1999": ONE}


def page(*blocks, part="manuscript") -> Document:
    return listed(marked(Document("T", (Section("s", "S", blocks, part),)), BOTH), BOTH)


def words(block) -> str:
    return "".join(r.text for r in runs_of(block))


def test_a_phrase_is_marked_where_it_stands_first_and_numbers_follow_the_text():
    made = page(text("By Fine-Gray models; Fine-Gray again."), Bullets(((Run("A rule (A body, 1958)."),),)))
    first, bullets = made.sections[0].blocks
    assert words(first) == "By Fine-Gray\u00a0[1] models; Fine-Gray again."
    assert words(bullets) == "A rule\u00a0[2]."
    assert [words(b) for b in made.sections[1].blocks] == [
        "1.\u00a0Fine JP, Gray RJ. A model. J Am Stat Assoc 1999;94:496-509. doi:10.1/x",
        "2.\u00a0A body. A book. Wiley; 1958.",
    ]


def test_two_at_one_phrase_share_a_bracket_in_ascending_order():
    again = Reference("a_2001", ("Heinze G",), "B", 2001, "Biometrics", at=("Firth",))
    first = Reference("z_1993", ("Firth D",), "C", 1993, "Biometrika", at=("Firth", "zeta"))
    papers = {"a_2001": again, "z_1993": first}
    made = listed(marked(Document("T", (Section("s", "S", (text("Estimates of Firth."),)),)), papers), papers)
    assert words(made.sections[0].blocks[0]) == "Estimates of Firth\u00a0[1,2]."


def test_a_longer_word_and_what_authors_write_are_not_marked():
    made = page(text("kappaesque mkappa kappa-like"), text("kappa", style="authors"))
    assert cited_keys(made) == [] and len(made.sections) == 1


def test_long_lists_of_authors_end_with_et_al():
    many = Reference("m", tuple(f"A{i} B" for i in range(7)), "T", 2000, "J", "1", "2")
    assert many.vancouver == "A0 B, A1 B, A2 B, et al. T. J 2000;1:2."
    assert Reference("m", tuple(f"A{i} B" for i in range(6)), "T", 2000, "J").vancouver.count("et al") == 0
    some = Reference("m", ("A B", "C D", "et al"), "T", 2000, "J")
    assert some.vancouver == "A B, C D, et al. T. J 2000." and "author = {A, B. and C, D. and others}" in some.bibtex


def test_bibtex():
    assert bibtex([ONE]) == (
        "@article{one_1999,\n  author = {Fine, J. P. and Gray, R. J.},\n  title = {{A model}},\n  journal = {J Am Stat Assoc},\n"
        "  year = {1999},\n  volume = {94},\n  pages = {496--509},\n  doi = {10.1/x}\n}\n"
    )
    assert "@book{two_1958" in bibtex([TWO]) and "author = {{A body}}" in bibtex([TWO])


AUTHORS_IN_BIBTEX = [
    ("De Stavola BL", "De Stavola, B. L."),
    ("Brown RS Jr", "Brown, Jr, R. S."),
    ("Chang K-M", "Chang, K. M."),
    ("{Food and Drug Administration}", "{Food and Drug Administration}"),
    ("Food and Drug Administration", "{Food and Drug Administration}"),
]


@pytest.mark.parametrize(("author", "written"), AUTHORS_IN_BIBTEX)
def test_names_of_authors_in_bibtex(author, written):
    assert read_bibtex(bibtex([Reference("k", (author,), "T", 2000, "J")]))["k"][1]["author"] == written


def read_bibtex(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Key -> kind and fields. Strict: braces pair, keys and names of fields are plain and stand once, nothing is left over, and
    outside of a doi every sign that TeX takes for a command is escaped."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    at = 0
    for entry in re.finditer(r"@([a-z]+)\{([A-Za-z0-9_.:-]+),\n((?:  [a-z]+ = \{.*\},?\n)+)\}\n\n?", text):
        assert entry.start() == at and entry[2] not in found, text[at : entry.end()]
        at = entry.end()
        lines = entry[3].splitlines()
        assert [line.endswith(",") for line in lines] == [True] * (len(lines) - 1) + [False], entry[3]
        fields = dict(re.fullmatch(r"  ([a-z]+) = \{(.*)\},?", line).groups() for line in lines)
        assert len(fields) == len(lines), entry[3]
        for name, value in fields.items():
            depth = [value[:i].count("{") - value[:i].count("}") for i in range(len(value) + 1)]
            assert min(depth) == depth[-1] == 0, value
            assert name == "doi" or not re.search(r"(?<!\\)[%&_#$]|[~^]|\\(?![%&_#$])", value), value
        found[entry[2]] = (entry[1], fields)
    assert at == len(text), text[at:]
    return found


MUST = {"article": {"author", "title", "journal", "year"}, "book": {"author", "title", "publisher", "year"}, "misc": {"note"}}


def shipped_references() -> list[Reference]:
    brought = (pair for name in SHIPPED for pair in shipped(name).references.items())
    return [*core().values(), *(Reference(key, **{**p.model_dump(), "authors": tuple(p.authors)}) for key, p in brought)]


def test_the_shipped_references_are_read_by_a_strict_reader_and_are_in_one_style():
    known = shipped_references()
    entries = read_bibtex(bibtex(known))
    assert list(entries) == [r.key for r in known] and {kind for kind, _ in entries.values()} == {"article", "book"}
    for key, (kind, fields) in entries.items():
        assert set(fields) >= MUST[kind], key
        assert re.fullmatch(r"\{[^{}]+\}", fields["title"]) and not fields["title"].endswith(".}"), key
        assert re.fullmatch(r"\d{4}", fields["year"]) and fields["year"] in key, key
        assert all(re.fullmatch(r"\{.+\}|[^,]+(, (Jr|Sr))?, (\w\. )*\w\.|others", a) for a in fields["author"].split(" and ")), (
            key
        )
        if kind == "article":
            assert "." not in fields["journal"] and fields["volume"].isdigit(), key
            first, _, last = fields["pages"].partition("--")
            assert re.fullmatch(r"[ek]?\d+", first) and (not last or int(last) > int(first)), key


def test_signs_of_tex_in_the_words_of_a_file_stay_words():
    odd = Reference("a b{", ("O'Neil \\input",), "50% of {A_1}\n& $x$ ~ #2", 2020, "J & K", "1", "2-3", "10.1/a_b%{c}")
    kind, fields = read_bibtex(bibtex([odd, Reference("p", (), "", 0, printed="A & B {x} 5%", doi="10.1/x_y")]))["a_b_"]
    assert (kind, fields["doi"], fields["journal"]) == ("article", "10.1/a_b%%7Bc%7D", r"J \& K")
    assert fields["title"] == r"{50\% of (A\_1) \& \$x\$ \#2}" and fields["author"] == "O'Neil, i. n. p. u. t."


def test_the_bib_of_a_study_is_read_by_a_strict_reader(founding, founding_document):
    papers = bibliography(founding.protocol, founding.published)
    entries = read_bibtex(references_bib(founding_document, papers))
    assert list(entries) == cited_keys(founding_document) and {kind for kind, _ in entries.values()} == {
        "article",
        "book",
        "misc",
    }


def test_shipped_references_are_whole_and_each_doi_stands_once():
    known = list(core().values())
    for name in SHIPPED:
        brought = shipped(name).references.items()
        known += [Reference(key, tuple(p.authors), p.title, p.year, p.journal, doi=p.doi) for key, p in brought]
    dois = [r.doi for r in known if r.doi]
    assert len(dois) == len(set(dois)) > 40
    assert all(re.fullmatch(r"10\.\d{4,5}/\S+", d) for d in dois)
    assert all(r.authors and r.title and 1900 < r.year < 2030 for r in known)


def test_the_manuscript_cites_what_was_done_and_lists_each_once(founding, founding_document):
    papers = bibliography(founding.protocol, founding.published)
    report = founding_document
    for document in (manuscript(report, papers, {}), supplement(report, papers, {})):
        keys = cited_keys(document)
        entries = next(s for s in document.sections if s.anchor == "references").blocks
        assert [b.name for b in entries] == [f"reference_{k}" for k in keys]
        numbers = [r.text for b in document.blocks() for r in runs_of(b) if r.cite]
        assert list(dict.fromkeys(numbers)) == [str(i) for i in range(1, len(keys) + 1)]
    main = set(cited_keys(manuscript(report, papers, {})))
    assert {"recist_2009", "mrecist_2010", "pugh_1973", "reig_2022", "ctcae_2017", "kaplan_meier_1958", "cox_1972"} <= main
    assert not {"hainmueller_2012", "imai_2014", "fine_gray_1999", "heng_2009"} & main, "not of this study"
    assert references_bib(report, papers).count("@") == len(cited_keys(report)) >= len(main)


@pytest.fixture(scope="module")
def small():
    return page(text("By Fine-Gray and kappa."))


def test_word_html_and_pdf_link_a_number_to_its_entry(small):
    word = docx.Document(io.BytesIO(render_docx(small)))
    anchors = [e.get(qn("w:anchor")) for e in word.element.iter(qn("w:hyperlink"))]
    marks = {e.get(qn("w:name")) for e in word.element.iter(qn("w:bookmarkStart"))}
    assert anchors == ["reference_one_1999", "reference_two_1958"] and set(anchors) <= marks
    html = render_html(small)
    assert '<a href="#reference_one_1999">1</a>' in html and 'id="reference_one_1999"' in html
    assert render_pdf(small).startswith(b"%PDF")
