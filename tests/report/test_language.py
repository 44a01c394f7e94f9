"""`report: language:` a folder of texts beside the protocol: what it says is printed, what it lacks is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from loud import write_loud

import equipoise
from equipoise.audit.audit import audit_folder
from equipoise.audit.web import read_html
from equipoise.audit.word import read_docx
from equipoise.document.phrases import ENGLISH
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.report.bundle import write_report
from equipoise.report.language import texts_of, written
from equipoise.report.words import texts, words
from equipoise.study import check_study, run_study

ENGLISH_TEXTS = Path(equipoise.__file__).parent / "report" / "words" / "en"


@pytest.fixture
def spoken(tiny):
    """The tiny study with a folder of texts that are those of English, to be changed."""
    tiny.protocol += "report: {language: texts/xx}\n"
    path = tiny.write()
    folder = path.parent / "texts" / "xx"
    shutil.copytree(ENGLISH_TEXTS, folder)
    return path, folder


def change(file: Path, *pairs: tuple[str, str]) -> None:
    content = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in content
        content = content.replace(old, new)
    file.write_text(content, encoding="utf-8")


def said(path: Path) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        texts_of(load_protocol(path))
    return [fault.sentence() for fault in caught.value.faults]


def test_the_words_around_a_document_are_texts_like_others():
    with written(load_protocol(ENGLISH_TEXTS.parents[2] / "founding" / "study.yaml")):
        assert {key.partition(".")[2]: text for key, text in texts().items() if key.startswith("document.")} == {
            name: getattr(ENGLISH, name) for name in ENGLISH.__dataclass_fields__
        }


def test_a_translated_word_stands_in_page_word_and_workbook(spoken, tmp_path, undrawn):
    path, folder = spoken
    change(
        folder / "document.toml",
        ('language = "en"', 'language = "fr"'),
        ('"Table"', '"Tableau"'),
        ('"Tables"', '"Tableaux"'),
        ('"Contents"', '"Sommaire"'),
        ('"References"', '"Bibliographie"'),
    )
    change(folder / "sections.toml", ("Methods", "M\u00e9thodes <b>"))
    out = write_report(run_study(path), tmp_path / "out", formats=("html", "docx"))
    page, word = read_html(out / "report.html"), read_docx(out / "manuscript.docx")
    assert {t.number.split(" ")[0] for t in (*page.tables, *word.tables)} == {"Tableau"}
    sections = {p.section for p in (*page.paragraphs, *word.paragraphs)}
    assert {"M\u00e9thodes <b>", "Bibliographie"} <= sections and not {"Methods", "References"} & sections
    html = (out / "report.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in html and "Sommaire</summary>" in html and "Tableaux\u00a0" in html
    assert audit_folder(out) == []
    assert words("sections.methods") == "Methods"


def test_everything_that_is_wrong_with_a_folder_is_said_at_once(spoken):
    path, folder = spoken
    change(folder / "lock.toml", ("changed = ", "chnaged = "))
    (folder / "notes.toml").write_bytes("x = \xfc".encode("latin-1"))
    (folder / "flow.toml").write_text("x = [", encoding="utf-8")
    (folder / "response.toml").unlink()
    (folder / "mine.toml").write_text("x = 'y'", encoding="utf-8")
    change(folder / "front.toml", ("{what}", "{who}"))
    change(folder / "pages.toml", ('"Report"', '"{0.__class__}"'))
    change(folder / "document.toml", ('language = "en"', 'language = "a language"'))
    found = said(path)
    for part in (
        "lock.toml: it lacks the texts 'changed'",
        "lock.toml: it has texts that nothing asks for: 'chnaged'",
        "notes.toml: it is not UTF-8",
        "flow.toml: it is no TOML",
        "lacks the file response.toml",
        "'mine.toml' of xx",
        "'left_to_authors' has {who}, and needs {what}",
        "'report' holds braces that are no part",
        "'language' is the tag of a language",
    ):
        assert sum(part in sentence for sentence in found) == 1, part
    assert len(found) == 9


def test_a_text_by_count_has_its_forms(spoken):
    path, folder = spoken
    key, forms = next((k, t) for k, t in texts("en").items() if k.startswith("counts.") and isinstance(t, dict))
    name = key.partition(".")[2]
    change(folder / "counts.toml", (json.dumps(forms["one"]), "3"))
    assert any(f"the text '{name}' is no text" in sentence for sentence in said(path))


def test_check_says_it_too_and_no_folder_is_a_sentence(spoken):
    path, folder = spoken
    shutil.rmtree(folder)
    with pytest.raises(ProtocolError, match="study.yaml:.*there is no folder 'texts/xx' beside the protocol"):
        check_study(path)


def test_a_confined_study_reads_no_texts_from_elsewhere(tiny, tmp_path):
    shutil.copytree(ENGLISH_TEXTS, tmp_path / "elsewhere")
    tiny.protocol += "report: {language: ../elsewhere}\n"
    with pytest.raises(equipoise.errors.DataError, match="outside the protocol's folder"):
        check_study(tiny.write(), confine=True)


def test_the_files_of_a_language_in_which_no_word_is_english_agree(spoken, tmp_path, undrawn):
    path, folder = spoken
    shutil.rmtree(folder)
    write_loud(folder)
    out = write_report(run_study(path), tmp_path / "out", formats=("html", "docx"))
    assert {t.number.split(" ")[0] for t in read_html(out / "report.html").tables} == {"TABLE"}
    assert [finding.sentence() for finding in audit_folder(out)] == []
