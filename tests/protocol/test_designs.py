"""Named designs: what they mean, what the shorthand means, and what is wrong with them in sentences at their lines."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.designs import MatchSpec, WeightsSpec, denominator_of, label_of
from equipoise.protocol.load import load_protocol

SCORE = ["age", "vi"]
MATCH, ATT = {"kind": "match", "propensity": SCORE}, {"kind": "weights", "target": "att", "propensity": SCORE}


def loaded(sheet, **keys):
    sheet.protocol.pop("design")
    sheet.protocol.update(keys)
    return load_protocol(sheet.write())


def told(sheet, **keys) -> list[str]:
    sheet.protocol.pop("design")
    sheet.protocol.update(keys)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(sheet.write())
    return [f"{f.place}: {f.message}" for f in caught.value.faults]


def test_a_list_of_designs_and_the_score_that_they_share(sheet):
    protocol = loaded(
        sheet,
        propensity=SCORE,
        primary="att",
        designs={"matched": {"kind": "match"}, "att": {"kind": "weights", "target": "att"}},
    )
    assert protocol.compared == ("unadjusted", "matched", "att") and protocol.primary == "att"
    assert isinstance(protocol.designs["matched"], MatchSpec) and isinstance(protocol.primary_design, WeightsSpec)
    assert all(d.propensity == SCORE for d in protocol.designs.values()) and protocol.scored == SCORE


def test_one_design_is_the_primary_one(sheet):
    assert loaded(sheet, designs={"att": ATT}).primary == "att"


def test_the_shorthand_is_one_match_named_matched(sheet):
    sheet.protocol["design"] = {"propensity": SCORE, "caliper": 0.3, "balance_thresholds": [0.05, 0.2]}
    short = load_protocol(sheet.write())
    sheet.protocol.pop("design")
    sheet.protocol |= {"designs": {"matched": {**MATCH, "caliper": 0.3}}, "balance": {"thresholds": [0.05, 0.2]}}
    named = load_protocol(sheet.write())
    assert short.compared == named.compared and short.primary == named.primary == "matched"
    assert short.balance_thresholds == named.balance_thresholds == (0.05, 0.2)
    mine, theirs = (p.primary_design.model_dump() for p in (short, named))
    assert {k: mine[k] for k in theirs} == theirs


def test_no_design_is_none(sheet):
    protocol = load_protocol(sheet.write())
    assert protocol.compared == ("unadjusted",) and protocol.primary == "" and protocol.primary_design is None


@pytest.mark.parametrize(
    ("target", "denominator", "label"),
    [
        ("att", "focal", "Weighted (ATT)"),
        ("atc", "other", "Weighted (ATC)"),
        ("ate", "pooled", "Weighted (ATE)"),
        ("overlap", "pooled", "Weighted (overlap weights)"),
        ("matching", "pooled", "Weighted (matching weights)"),
    ],
)
def test_the_denominator_of_a_difference_follows_the_target(sheet, target, denominator, label):
    spec = loaded(sheet, designs={"w": {**ATT, "target": target}}).primary_design
    assert denominator_of(spec) == denominator and label_of(spec) == label
    assert denominator_of(spec.model_copy(update={"smd_denominator": "focal"})) == "focal"


def test_the_unadjusted_table_has_the_denominator_of_the_primary_design_unless_it_is_said(sheet):
    assert loaded(sheet, designs={"atc": {**ATT, "target": "atc"}}).smd_denominator == "other"
    sheet.protocol["balance"] = {"smd_denominator": "pooled"}
    assert load_protocol(sheet.write()).smd_denominator == "pooled"


def test_the_profile_decides_what_a_match_leaves_open(sheet):
    protocol = loaded(sheet, conventions="sas", designs={"m": MATCH})
    assert protocol.primary_design.caliper_sd == protocol.primary_design.smd_denominator == "pooled"


@pytest.mark.parametrize(
    ("keys", "line", "sentence"),
    [
        ({"designs": {"a": {"kind": "magic", "propensity": SCORE}}}, "a:", "a design says its kind, one of match, weights"),
        ({"designs": {"a": {"propensity": SCORE}}}, "a:", "a design says its kind, one of match, weights"),
        ({"designs": {"a": {"kind": "weights", "target": "att"}}}, "a:", "designs.a.propensity: this key is needed and missing"),
        ({"designs": {"a": {**ATT, "target": "atx"}}}, "target:", "designs.a.target: input should be 'ate', 'att', 'atc'"),
        ({"designs": {"a": {"kind": "weights", "propensity": SCORE}}}, "a:", "designs.a.target: this key is needed and missing"),
        ({"designs": {"a": {**ATT, "targets": "att"}}}, "targets:", "there is no such key; did you mean 'target'?"),
        ({"designs": {"a": {**MATCH, "calipre": 1}}}, "calipre:", "there is no such key; did you mean 'caliper'?"),
        ({"designs": {"a": {**ATT, "caliper": 0.2}}}, "caliper:", "designs.a.caliper: there is no such key"),
        ({"designs": {"a": MATCH, "b": ATT}}, "designs:", "of several designs one is primary; write 'primary: a'"),
        ({"designs": {"a": MATCH, "b": ATT}, "primary": "c"}, "primary:", "there is no design 'c'"),
        ({"designs": {"unadjusted": MATCH}}, "unadjusted:", "'unadjusted' is the comparison of all patients as they are"),
        ({"designs": {"a": ATT, "b": ATT}, "primary": "a"}, "b:", "has the label of 'a' (Weighted (ATT))"),
        ({"designs": {"a": {**ATT, "label": "Unadjusted"}}}, "label:", "has the label of 'unadjusted'"),
        ({"designs": {"A": MATCH}}, "A:", "a name starts with a small letter"),
        ({"designs": {"a": MATCH}, "design": {"propensity": SCORE}}, "design:", "it stands beside 'designs'"),
        ({"designs": {"a": MATCH}, "design": "none"}, "design:", "it stands beside 'designs'"),
        ({"designs": {"a": {**ATT, "propensity": ["age", "vx"]}}}, "- vx", "there is no covariate 'vx'"),
        ({"designs": {"a": {"kind": "match"}}, "propensity": ["age", "vx"]}, "- vx", "there is no covariate 'vx'"),
        ({"designs": {"a": {"kind": "match"}}, "propensity": ["age", "age"]}, "- age", "'age' stands twice in this list"),
        ({"design": "none", "propensity": SCORE}, "propensity:", "there is no design; declare one, or delete this"),
        (
            {"design": {"propensity": SCORE, "balance_thresholds": [0.1, 0.2]}, "balance": {"thresholds": [0.1, 0.2]}},
            "balance_thresholds:",
            "keep one of the two",
        ),
        ({"design": "none", "balance": {"thresholds": [0.3, 0.2]}}, "balance:", "the smaller one stands first"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_sentence_at_its_line(sheet, keys, line, sentence):
    found = [f for f in told(sheet, **keys) if sentence in f]
    assert len(found) == 1, found
    place = int(found[0].split(":")[1])
    text = sheet.path.read_text(encoding="utf-8").splitlines()
    assert line in text[place - 1] or line in text[place - 2]


def test_the_name_of_a_variant_is_taken(sheet):
    variants = {"propensity_variants": {"few": {"label": "Few", "covariates": ["age"]}}}
    said = told(sheet, designs={"variant_few": MATCH}, sensitivity=variants)
    assert any("'variant_few' is the name of a propensity variant" in f for f in said)


def test_one_arm_has_no_designs(sheet):
    sheet.protocol["arms"] = {"groups": {"a": {"label": "Alfa"}}}
    del sheet.protocol["cox"]
    said = told(sheet, designs={"a": MATCH}, propensity=SCORE)
    assert any("'designs' compare two arms" in f for f in said) and any("'propensity' is the score" in f for f in said)


def test_what_is_known_only_later_is_no_covariate_of_any_score(sheet):
    sheet.protocol["covariates"]["late"] = {"label": "Late", "kind": "binary", "from": "dead = 1"}
    said = told(sheet, designs={"a": MATCH, "b": {**ATT, "propensity": ["age", "late"]}}, primary="a")
    assert any("'late' is known only after the index date" in f for f in said)
