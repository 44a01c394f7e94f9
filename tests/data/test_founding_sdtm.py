"""The founding study told by SDTM domains: the numbers of its contract tables; and what a sponsor's own codes may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.test_sdtm import DM, EX, LB, protocol, write_csv
from engines_agree import results_that_differ
from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study
from founding_sdtm import sdtm_protocol

# SDTM says of each death which domain told it; the contract tables leave open where a death was learned
TOLD_BY_A_DOMAIN = "conduct.unadjusted.source_of_death.demographics_dm."


def test_every_number_is_that_of_the_contract_tables(repository: Path, tmp_path: Path) -> None:
    path = repository / "src" / "equipoise" / "founding" / "study.yaml"
    differ = results_that_differ(run_study(path), run_study(sdtm_protocol(path, tmp_path / "domains")))
    assert len(differ) == 3 and all(key.startswith(TOLD_BY_A_DOMAIN) for key in differ)


FA = [
    {"USUBJID": "S0", "FATESTCD": code, "FASTRESC": value, "FASTRESN": "", "FASTRESU": unit, "FADTC": "2021-01-03"}
    for code, value, unit in [
        ("EHM", "Y", ""), ("ASC", "MILD", ""), ("SIZE", "52", "mm"), ("SIZE", "3", "in"), ("OTHER", "1", ""), ("EHM", "", ""),
    ]
]  # fmt: skip
SUPPDM = [
    {"USUBJID": "S0", "QNAM": "ALC", "QVAL": "Y"}, {"USUBJID": "S1", "QNAM": "ALC", "QVAL": "N"},
    {"USUBJID": "S0", "QNAM": "DIED", "QVAL": "Y"}, {"USUBJID": "S1", "QNAM": "CP", "QVAL": "7"},
]  # fmt: skip
CODES = "{ehm: EHM, ascites: [ASC], max_size_cm: SIZE, alcohol: ALC, recorded_child_pugh: CP, PIVKA-II: ZZZ}"


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    zzz = [row | {"LBSTRESU": "mAU/mL"} if row["LBTESTCD"] == "ZZZ" else row for row in LB]
    for name, rows in {"dm": DM, "ex": EX, "lb": zzz, "fa": FA, "suppdm": SUPPDM}.items():
        write_csv(tmp_path / "sdtm" / f"{name}.csv", rows)
    return protocol(tmp_path, domains=f"codes: {CODES}", safety="packs: [liver]")


def test_codes_of_a_sponsor(coded: Path) -> None:
    """True and false of Y and N, words of the contract, millimetres as centimetres; the rest is counted."""
    sources = read_sources(load_protocol(coded))
    ask = sources.engine.rows
    assert ask("select item, value, unit from observation order by 1") == [
        ("ascites", "mild", None), ("ehm", "true", None), ("max_size_cm", "5.2", "cm"),
    ]  # fmt: skip
    assert ask("select patient_id, alcohol from patient where alcohol is not null order by 1") == [("S0", True), ("S1", False)]
    assert ask("select patient_id, recorded_child_pugh from index_treatment where recorded_child_pugh is not null") == [("S1", 7)]
    assert ask("select count(*) from lab where analyte = 'PIVKA-II'") == [(1,)]
    said = " ".join(f.message for f in sources.findings if f.place == "fa.csv")
    assert "OTHER (1)" in said and "EHM (1), SIZE (1)" in said


def test_a_design_reads_of_these_domains_what_is_named(coded: Path) -> None:
    """Findings and supplements may hold outcomes."""
    engine = read_sources(without_outcomes(load_protocol(coded))).engine
    assert engine.rows("select distinct QNAM from sdtm_suppdm order by 1") == [("ALC",), ("CP",)]
    assert engine.rows("select count(*) from sdtm_fa where FATESTCD = 'OTHER'") == [(0,)]


def test_a_name_that_is_nothing_and_a_code_for_two(coded: Path) -> None:
    text = coded.read_text(encoding="utf-8")
    coded.write_text(text.replace(CODES, "{ehm: X, mvi: x, nothing: Y}"), encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_sources(load_protocol(coded))
    said = str(error.value)
    assert "no item, analyte or column 'nothing'" in said and "the code X stands for ehm and for mvi" in said


def test_tables_of_no_domain_lie_beside_them(coded: Path) -> None:
    """A table of a pack, under its own name; one that the study needs and that is not there is named."""
    write_csv(coded.parent / "sdtm" / "serology.csv", [
        {"patient_id": "S0", "date": "2021-01-01", "test": "HBsAg", "result": "positive"},
    ])  # fmt: skip
    assert read_sources(load_protocol(coded)).tables["serology"].n_rows == 1
    text = coded.read_text(encoding="utf-8").replace("packs: [liver]", "packs: [liver, prior_line]")
    exclude = "exclude: [{reason: Died, table: screening, where: \"firstline_stop_reason = 'death'\"}]"
    step = "arms:"
    coded.write_text(
        text.replace(step, f"eligibility: {{start: All, steps: [{{label: Treated, {exclude}}}]}}\n{step}")
        + "\nprior_line: {drugs: {drug: {given: given_drug, dose: drug_mg, unit: mg, highest: 100}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match=r"needs the table screening: screening\.csv, .* in sdtm/"):
        read_sources(load_protocol(coded))
