"""The validation report: everything passes here, and a wrong number is found and named."""

import datetime as dt
from dataclasses import replace

import pytest

from equipoise.study import load_protocol
from equipoise.verify import report, witnesses

NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)


def test_every_shipped_witness_passes_and_the_report_says_so(tmp_path):
    path, passed = report.write_validation(tmp_path, NOW)
    text = path.read_text(encoding="utf-8")
    assert passed and path.name == "validation-2026-01-02.md"
    assert "**All checks passed.**" in text and "2026-01-02 03:04 UTC" in text and "1e-08 relative" in text
    lines = (tmp_path / "validation-2026-01-02.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 3000 and all(line.endswith("yes") for line in lines[1:])


def test_a_wrong_number_is_found_and_named(tmp_path, monkeypatch):
    real = witnesses.run_witness

    def spoiled(witness):
        checks = real(witness)
        wrong = replace(checks[5], obtained=checks[5].expected * (1 + 1e-7))
        checks[5] = replace(wrong, passed=witnesses._equal(wrong.expected, wrong.obtained))
        return checks

    monkeypatch.setattr(report, "WITNESSES", witnesses.WITNESSES[:1])
    monkeypatch.setattr(report, "run_witness", spoiled)
    path, passed = report.write_validation(tmp_path, NOW)
    text = path.read_text(encoding="utf-8")
    assert not passed and "1 checks FAILED" in text and "## Failed" in text


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, 1.0 + 5e-9, True),
        (1.0, 1.0 + 5e-8, False),
        (float("nan"), 1.0, False),
        (float("nan"), float("nan"), True),
        (0.0, 0.0, True),
    ],
)
def test_equal(a, b, same):
    assert witnesses._equal(a, b) is same


def test_the_witness_study_is_the_example_but_for_its_data(repository):
    example = load_protocol(repository / "examples" / "gbsg2" / "study.yaml").describe()
    shipped = load_protocol(repository / "src" / "equipoise" / "verify" / "gbsg2" / "study.yaml").describe()
    example.pop("data"), shipped.pop("data")
    assert example == shipped
