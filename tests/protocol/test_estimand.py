"""The estimand says what is asked; a study that does otherwise is refused, and the two stand side by side in the report."""

from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.estimand import MISSED_SCANS, handling
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol

BLOCK = """
estimand:
  strategies: {alfa: "start alfamab", beta: "start betanib"}
  endpoints:
    os: {radiologic_progression: treatment_policy}
    ttp: {death: composite, missed_scans: treatment_policy}
"""


@pytest.fixture(scope="module")
def founding_protocol(repository: Path) -> Protocol:
    return load_protocol(repository / "src" / "equipoise" / "founding" / "study.yaml")


def asked(tiny, old: str = "", new: str = "") -> Path:
    assert old in BLOCK
    tiny.protocol += BLOCK.replace(old, new) if old else BLOCK
    return tiny.write()


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    return [f.sentence() for f in caught.value.faults]


def test_an_estimand_that_the_study_estimates_is_taken(tiny):
    estimand = load_protocol(asked(tiny)).estimand
    assert estimand is not None
    assert estimand.summary == "hazard_ratio"
    assert estimand.endpoints["ttp"] == {"death": "composite", "missed_scans": "treatment_policy"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("alfa:", "alpha:", "there is no arm 'alpha'; known are alfa, beta"),
        (', beta: "start betanib"', "", "say in words what it means to be treated with 'beta'"),
        ("ttp:", "tpp:", "there is no endpoint 'tpp'; known are os, ttp"),
        ("radiologic_progression:", "radiologic_progresion:", "there is no source 'radiologic_progresion'; did you mean"),
        (
            "death: composite",
            "death: hypothetical",
            "'ttp' counts it as an event, so the strategy for 'death' is composite, not hypothetical",
        ),
        (
            "radiologic_progression: treatment_policy",
            "radiologic_progression: while_on_treatment",
            "'os' follows patients beyond it, so the strategy for 'radiologic_progression' is treatment_policy",
        ),
        ("missed_scans: treatment_policy", "missed_scans: principal_stratum", "a principal stratum is estimated by no analysis"),
        ("death: composite, ", "", "nothing is said of 'death', which the study knows: give its strategy for 'ttp' (composite)"),
        ("  strategies", "  summary: median\n  strategies", "arms are compared by the hazard ratio: write hazard_ratio"),
    ],
)
def test_an_estimand_that_the_study_does_not_estimate_is_refused(tiny, old, new, message):
    found = faults_of(asked(tiny, old, new))
    assert any(message in f for f in found), found
    assert all(f.startswith("study.yaml:") for f in found)


def test_new_therapy_that_the_study_knows_needs_its_strategy(tiny):
    tiny.protocol = tiny.protocol.replace(
        "  last_contact:", "  new_therapy: {table: treatment, date: start_date}\n  last_contact:", 1
    )
    found = faults_of(asked(tiny))
    assert any("nothing is said of 'new_therapy'" in f and "for 'os' (treatment_policy)" in f for f in found), found


def test_the_profile_decides_what_new_therapy_and_missed_scans_are(founding_protocol):
    pfs = founding_protocol.endpoints["pfs"]
    fda = pfs.model_copy(update={"profile": "fda2007"})
    assert [handling(pfs, e) for e in (MISSED_SCANS, "new_therapy", "death")] == ["ignored", "ignored", "event"]
    assert [handling(fda, e) for e in (MISSED_SCANS, "new_therapy", "death")] == ["censored", "censored", "event"]


def test_clinical_progression_that_is_ignored_is_no_event(founding_protocol):
    pfs = founding_protocol.endpoints["pfs"]
    pfs = pfs.model_copy(update={"events": [*pfs.events, "clinic"], "clinical_progression": ["clinic"]})
    assert handling(pfs.model_copy(update={"clinical": "counted"}), "clinic") == "event"
    assert handling(pfs.model_copy(update={"clinical": "ignored"}), "clinic") == "ignored"


def test_of_an_outcome_in_two_columns_the_strategy_is_taken_at_its_word(repository, tmp_path):
    text = (repository / "examples" / "gbsg2" / "study.yaml").read_text(encoding="utf-8")
    path = tmp_path / "study.yaml"
    name = next(iter(load_protocol(repository / "examples" / "gbsg2" / "study.yaml").endpoints))
    arms = load_protocol(repository / "examples" / "gbsg2" / "study.yaml").arms.groups
    strategies = ", ".join(f"{arm}: as recorded" for arm in arms)
    block = f"estimand: {{strategies: {{{strategies}}}, endpoints: {{{name}: {{second_cancer: hypothetical}}}}}}\n"
    path.write_text(f"{text}\n{block}", encoding="utf-8")
    estimand = load_protocol(path).estimand
    assert estimand is not None
    assert estimand.endpoints[name] == {"second_cancer": "hypothetical"}
