"""`equipoise diff`: folders made by hand, where every difference is known; and a study run twice."""

import json

import pytest
from typer.testing import CliRunner

from equipoise.cli import app

COLUMNS = "key,statistic,value,low,high,n,events,method,convention"
ROWS = [
    "survival.os.cox.hr,hr,0.7,0.5,0.98,100,40,Cox,r",
    "survival.os.cox.p,p,0.038,,,100,40,Wald,r",
    "survival.pfs.cox.hr,hr,0.8,0.6,1.1,100,60,Cox,r",
    "baseline.age.mean,mean,61.5,,,100,,,r",
    "baseline.sex.n,n,12,,,100,,,r",
]
TABLE = "Outcome,HR (95% CI),P\nMatched cohort,,\nOverall survival,0.70 (0.50-0.98),0.038\n  events,40,\n"


def folder(place, rows=ROWS, table=TABLE, settings=None, data=None, sha="a" * 64):
    place.mkdir()
    (place / "tables").mkdir()
    (place / "results.csv").write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    (place / "tables" / "survival.csv").write_text("\ufeff" + table, encoding="utf-8")
    content = {
        "notice": "Invented patients.",
        "protocol": {"file": "study.yaml", "sha256": sha, "settings": settings or {"design": {"caliper": 0.2}, "level": 0.95}},
        "data": data or {"patient": {"file": "patient.csv", "rows": 100, "sha256": "b" * 64}},
        "versions": {"Equipoise": "1"},
        "files": {},
    }
    (place / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return place


def diff(*arguments):
    return CliRunner().invoke(app, ["diff", *map(str, arguments)])


def changed(text, new):
    key = text.split(",")[0]
    return [new if row.startswith(f"{key},") else row for row in ROWS]


def test_nothing_differs(tmp_path):
    done = diff(folder(tmp_path / "a"), folder(tmp_path / "b"), "--exit-code")
    assert done.exit_code == 0
    assert done.stdout == "nothing differs: numbers, printed tables, settings and inputs are the same\n"


def test_a_p_that_crosses_and_an_interval_that_now_includes_1(tmp_path):
    rows = [
        "survival.os.cox.hr,hr,0.75,0.54,1.02,99,40,Cox,r",
        "survival.os.cox.p,p,0.07,,,99,40,Wald,r",
        *ROWS[2:4],
        "baseline.new.n,n,3,,,100,,,r",
    ]
    table = TABLE.replace("0.70 (0.50-0.98),0.038", "0.75 (0.54-1.02),0.070")
    done = diff(folder(tmp_path / "a"), folder(tmp_path / "b", rows, table), "--exit-code")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "crossed     survival.os.cox.hr  0.7 (0.5 to 0.98) [events 40, n 100] -> 0.75 (0.54 to 1.02) [events 40, n 99]: "
        "the interval now includes 1",
        "crossed     survival.os.cox.p  0.038 [events 40, n 100] -> 0.07 [events 40, n 99]: P is now no longer below 0.05",
        "appeared    baseline.new.n",
        "vanished    baseline.sex.n",
        "table       survival, Matched cohort / Overall survival: HR (95% CI) 0.70 (0.50-0.98) -> 0.75 (0.54-1.02); "
        "P 0.038 -> 0.070",
        "2 of 6 numbers changed (2 crossed P 0.05 or a bound of no effect), 1 appeared, 1 vanished; 1 row of 1 table, 0 settings "
        "and 0 inputs differ",
    ]


def test_a_folder_of_a_version_without_units_is_read(tmp_path):
    first, second = folder(tmp_path / "a"), folder(tmp_path / "b")
    written = [line.split(",", 3) for line in (second / "results.csv").read_text(encoding="utf-8").splitlines()]
    with_unit = [",".join([*cells[:3], "unit" if i == 0 else "ratio", *cells[3:]]) for i, cells in enumerate(written)]
    (second / "results.csv").write_text("\n".join(with_unit) + "\n", encoding="utf-8")
    for old, new in ((first, second), (second, first)):
        done = diff(old, new, "--exit-code")
        assert done.exit_code == 0 and done.stdout.startswith("nothing differs")


@pytest.mark.parametrize(
    ("value", "tolerance", "differs"), [("61.50000001", 1e-9, False), ("61.50001", 1e-9, True), ("61.6", 0.01, False)]
)
def test_the_tolerance_is_relative(tmp_path, value, tolerance, differs):
    rows = changed(ROWS[3], f"baseline.age.mean,mean,{value},,,100,,,r")
    done = diff(folder(tmp_path / "a"), folder(tmp_path / "b", rows), "--exit-code", "--tolerance", tolerance)
    assert done.exit_code == differs
    assert ("baseline.age.mean  61.5 [n 100] -> " in done.stdout) == differs


def test_an_interval_may_touch_no_effect_and_a_number_may_become_inestimable(tmp_path):
    rows = changed(ROWS[0], "survival.os.cox.hr,hr,,,,100,40,not estimable,r")
    rows = [r.replace("0.8,0.6,1.1", "0.8,0.6,1.0") for r in rows]
    done = diff(folder(tmp_path / "a"), folder(tmp_path / "b", rows))
    assert "crossed     " not in done.stdout  # an interval that ends at 1 includes it, and of none nothing can be said
    assert "0.7 (0.5 to 0.98) [events 40, n 100] -> not estimable [events 40, n 100]" in done.stdout


def test_settings_inputs_and_words(tmp_path):
    data = {
        "patient": {"file": "patient.csv", "rows": 101, "sha256": "c" * 64},
        "lab": {"file": "lab.csv", "rows": 3, "sha256": "d" * 64},
    }
    settings = {"design": {"caliper": 0.25}, "level": 0.95, "missing": {"impute": True}}
    rows = changed(ROWS[4], "baseline.sex.n,n,12,,,100,,,sas")
    done = diff(folder(tmp_path / "a"), folder(tmp_path / "b", rows, settings=settings, data=data))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:5] == [
        "input       patient: patient.csv, 100 rows, sha256 bbbbbbbbbbbb -> patient.csv, 101 rows, sha256 cccccccccccc",
        "input       lab: was not there and is now lab.csv, 3 rows, sha256 dddddddddddd",
        "setting     design.caliper: 0.2 -> 0.25",
        "setting     missing: was not there and is now {impute: yes}",
        "remade      baseline.sex.n",
    ]
    other = diff(tmp_path / "a", folder(tmp_path / "c", sha="e" * 64))
    assert "setting     text of the protocol: another file -> the same settings in other words" in other.stdout


def test_the_page_escapes_what_the_folders_hold_and_replaces_no_other_file(tmp_path):
    rows = changed(ROWS[3], "baseline.<b>age</b>.mean,mean,62,,,100,,,r")
    page = tmp_path / "diff.html"
    folders = folder(tmp_path / "a"), folder(tmp_path / "b", rows)
    assert diff(*folders, "--html", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "baseline.&lt;b&gt;age&lt;/b&gt;.mean" in text and "<b>age" not in text and "Invented patients." in text
    assert diff(*folders, "--html", page).exit_code == 0  # its own page is written again
    page.write_text("mine", encoding="utf-8")
    done = diff(*folders, "--html", page)
    assert done.exit_code == 2 and page.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("spoil", ["absent", "results", "manifest", "not_a_study", "not_utf8"])
def test_what_is_no_report_is_a_sentence(tmp_path, spoil):
    good, bad = folder(tmp_path / "a"), tmp_path / "b"
    if spoil != "absent":
        folder(bad)
    if spoil == "results":
        (bad / "results.csv").unlink()
    if spoil == "manifest":
        (bad / "manifest.json").write_text("{", encoding="utf-8")
    if spoil == "not_a_study":
        (bad / "manifest.json").write_text('{"kind": "simulation"}', encoding="utf-8")
    if spoil == "not_utf8":
        (bad / "results.csv").write_bytes(b"key\xff\n")
    done = diff(good, bad)
    assert done.exit_code == 2 and "Traceback" not in done.output and "b: " in done.output


@pytest.mark.slow
def test_a_study_run_twice_and_one_with_another_caliper(tiny, undrawn):
    runner, out = CliRunner(), tiny.folder.parent
    for name, protocol in (
        ("one", tiny.protocol),
        ("two", tiny.protocol),
        ("wide", tiny.protocol.replace("caliper: 3", "caliper: 1")),
    ):
        tiny.protocol = protocol
        assert runner.invoke(app, ["run", str(tiny.write()), "--out", str(out / name)]).exit_code == 0
    assert diff(out / "one", out / "two", "--exit-code").exit_code == 0
    done = diff(out / "one", out / "wide", "--exit-code", "--all")
    assert done.exit_code == 1 and "design.caliper: 3.0 -> 1.0" in done.stdout
    assert not [name for name in (f"T{i:02d}" for i in range(1, 17)) if name in done.stdout]
