"""A forest of which no line has an estimate is drawn all the same, each line saying so."""

from equipoise.report.assemble import report_document
from equipoise.study import run_study


def test_no_design_has_an_estimate(sheet):
    del sheet.protocol["design"]
    sheet.columns["dead"] = [0 if a == "A" else d for a, d in zip(sheet.columns["arm"], sheet.columns["dead"], strict=True)]
    sheet.protocol |= {"cox": {}, "propensity": ["age", "vi"], "primary": "matched"}
    sheet.protocol["designs"] = {"matched": {"kind": "match"}, "overlap": {"kind": "weights", "target": "overlap"}}
    assert "not estimable" in repr(report_document(run_study(sheet.write()), {}))
