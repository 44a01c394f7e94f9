"""The page of one patient says what the study's other pages say about the data, and where it may lie."""

import pytest

from equipoise.study import write_patient_page


@pytest.mark.parametrize("notice", ["Invented patients.", ""])
def test_the_page_repeats_the_notice_of_the_study(tiny, tmp_path, notice):
    tiny.protocol = tiny.protocol.replace('notice: "Invented patients."', f'notice: "{notice}"')
    page = write_patient_page(tiny.write(), "T01", tmp_path / "page").read_text(encoding="utf-8")
    assert f"{notice} This page shows one patient".strip() in page.replace("&#39;", "'")
    assert ("Invented patients." in page) == bool(notice)
