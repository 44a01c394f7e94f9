"""A forest of which no line has an estimate is drawn all the same, each line saying so."""

from equipoise.report.assemble import report_document
from equipoise.study import run_study


def test_no_design_has_an_estimate(sheet):
    del sheet.protocol["design"]
    sheet.columns["dead"] = [0 if a == "A" else d for a, d in zip(sheet.columns["arm"], sheet.columns["dead"], strict=True)]
    sheet.protocol |= {"cox": {}, "propensity": ["age", "vi"], "primary": "matched"}
    sheet.protocol["designs"] = {"matched": {"kind": "match"}, "overlap": {"kind": "weights", "target": "overlap"}}
    assert "not estimable" in repr(report_document(run_study(sheet.write()), {}))


def test_a_design_that_leaves_one_patient_of_an_arm_has_no_balance_to_draw(undrawn, sheet):
    """No variable has a difference in every design, so that there is no figure of them."""
    del sheet.protocol["design"]
    n = len(sheet.columns["id"])
    sheet.columns["arm"] = ["A" if i % 2 else "B" for i in range(n)]
    sheet.columns["age"] = [
        70 if i == 1 else 40 + i % 20 if a == "A" else 60 + i % 20 for i, a in enumerate(sheet.columns["arm"])
    ]
    limits = {"score": [0, 0.2]}
    sheet.protocol |= {"cox": {}, "propensity": ["age"], "primary": "few"}
    sheet.protocol["designs"] = {"few": {"kind": "weights", "target": "ate", "trim": limits}}
    study = run_study(sheet.write())
    assert study.design("few").include[study.cohort.in_arm("a")].sum() == 1
    document = report_document(study, {})
    assert "figure_love" not in [f.name for f in document.figures()]
