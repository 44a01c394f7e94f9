"""Text in six encodings: told by trial for a first protocol, read where it is declared, named where a run meets another."""

from __future__ import annotations

import pytest

from equipoise.data.detect import detect
from equipoise.data.encodings import readings
from equipoise.data.read import read_table
from equipoise.errors import DataError
from equipoise.protocol.file_form import FileForm

CASES = [
    ("cp949", "id,arm,sex,age", ["남", "여"]),
    ("cp949", "번호,치료,성별,나이", ["남성", "여성"]),
    ("cp949", "id,arm,HBsAg,age", ["양성", "음성"]),
    ("cp949", "id,arm,종양 크기(㎝),age", ["5", "6"]),
    ("gbk", "id,arm,sex,age", ["男", "女"]),
    ("gbk", "编号,治疗,性别,年龄", ["是", "否"]),
    ("gbk", "id,drug,arm,age", ["仑伐替尼", "索拉非尼"]),
    ("shift-jis", "id,arm,sex,age", ["男", "女"]),
    ("shift-jis", "番号,治療,性別,年齢", ["あり", "なし"]),
    ("shift-jis", "id,arm,drug,age", ["ソラフェニブ", "レンバチニブ"]),
    ("cp1252", "id,arm,Größe,age", ["groß", "klein"]),
    ("cp1252", "id,bras,catégorie,âge", ["élevé", "bas"]),
    ("cp1252", "id,arm,Bilirubin (µmol/l),age", ["5", "6"]),
    ("cp1252", "id,arm,T (°C),age", ["36", "37"]),
    ("cp1252", "ID,NAME,SEXO,AÑOS", ["VARÓN", "MUJER"]),
    ("utf-16", "id,arm,sex,age", ["남", "女"]),
    ("utf-8", "id,arm,sex,age", ["남", "élevé"]),
]


def text_of(header: str, words: list[str], n: int = 40) -> str:
    return "\r\n".join([header, *(f"P{i:03d},{'AB'[i % 2]},{words[i % len(words)]},{40 + i}" for i in range(n))]) + "\r\n"


@pytest.mark.parametrize(("encoding", "header", "words"), CASES)
def test_an_encoding_is_told_and_read_where_it_is_declared(tmp_path, encoding, header, words):
    text = text_of(header, words)
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode({"shift-jis": "cp932"}.get(encoding, encoding)))
    found, raw = detect(path)
    assert found.form.encoding == encoding
    assert list(zip(*raw.columns.values(), strict=True)) == [tuple(line.split(",")) for line in text.split("\r\n")[1:-1]]
    assert raw.names == header.split(",")
    assert (found.said == ()) == (encoding == "utf-8")


@pytest.mark.parametrize(("encoding", "header", "words"), [c for c in CASES if c[0] != "utf-8"])
def test_a_run_names_the_encoding_that_is_not_declared(tmp_path, encoding, header, words):
    path = tmp_path / "t.csv"
    path.write_bytes(text_of(header, words).encode({"shift-jis": "cp932"}.get(encoding, encoding)))
    with pytest.raises(DataError) as caught:
        read_table(path)
    (fault,) = caught.value.faults
    assert f"this looks like {encoding}: write form: {{encoding: {encoding}}} under data" in fault.message
    assert not any(word in fault.sentence(show_value=True) for word in words if not word.isdigit())


def test_a_wrong_declaration_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text_of("id,arm,sex,age", ["남", "여"]), encoding="utf-8")
    for encoding in ("cp949", "gbk", "shift-jis", "cp1252"):
        with pytest.raises(DataError, match=f"the encoding is not {encoding}, but UTF-8"):
            read_table(path, form=FileForm(encoding=encoding))
    path.write_bytes("id,arm\r\nP1,남\r\n".encode("cp949"))
    with pytest.raises(DataError, match="line 2: the encoding is not utf-16"):
        read_table(path, form=FileForm(encoding="utf-16"))


@pytest.mark.parametrize(
    ("codec", "text"), [("cp1251", "ид,пол\nP1,муж\n"), ("cp1250", "id,płeć\nP1,mężczyzna\n"), ("big5", "編號,性別\nP1,男\n")]
)
def test_an_encoding_of_none_of_the_six_is_refused_and_not_guessed(tmp_path, codec, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(codec))
    with pytest.raises(DataError, match="encoding of the file cannot be told"):
        detect(path)


def test_two_equally_likely_readings_are_both_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,arm\nP1,巢\nP2,籽\n".encode("gbk"))
    found = readings(path.read_bytes())
    assert {found.best, *found.rivals} == {"gbk", "cp949"}
    with pytest.raises(DataError, match="encoding .* cannot be told; it may be"):
        detect(path)


def test_utf16_without_a_mark_and_of_the_other_order(tmp_path):
    for codec in ("utf-16-le", "utf-16-be"):
        path = tmp_path / f"{codec}.csv"
        path.write_bytes("id\tage\r\nP1\t60\r\nP2\t61\r\n".encode(codec))
        found, raw = detect(path)
        assert found.form.encoding == "utf-16" and raw.columns == {"id": ["P1", "P2"], "age": ["60", "61"]}
