"""When a patient came to have what is known only after the index date."""

import numpy as np
import pytest

from equipoise.contract import TABLES
from equipoise.outcomes.observed import define_observed
from equipoise.outcomes.onsets import onsets

FOLLOWUP = "patient_id | last_contact_day | data_cutoff_day \n P1 | 300 | 400 \n P2 | 300 | 400 \n P3 | 300 | 400"
THERAPY = """patient_id | line | regimen | start_day
             P1 | 3 | alfa | 60
             P1 | 4 | beta | 160
             P3 | 4 | beta | 99"""
EVENTS = """patient_id|ae_id|ctcae_term|grade|attribution|start_day
            P1|1|Rash|1|possible|5
            P1|2|RASH|3||20
            P2|1|rash|2|unrelated|-3
            P3|1|Fever|4|possible|7"""
BASE = {"label": "x", "endpoint": "os", "landmark_day": 30}


@pytest.mark.parametrize(
    ("block", "days", "types"),
    [
        ({"kind": "subsequent_therapy", "line": 3}, [60, None, None], ["alfa", "", ""]),
        ({"kind": "subsequent_therapy", "line": 4}, [160, None, 99], ["beta", "", "beta"]),
        ({"kind": "adverse_event", "term": "rash"}, [5, None, None], ["grade 1-2", "", ""]),
        ({"kind": "adverse_event", "term": "Rash", "grade_from": 3}, [20, None, None], ["grade 3-5", "", ""]),
    ],
)
def test_first_day_and_type(draw, block, days, types):
    tables = {"followup": FOLLOWUP, "subsequent_therapy": THERAPY, "ae": EVENTS}
    study = draw("P1 P2 P3", tables, post_index={"later": {**BASE, **block}})
    define_observed(study.engine, None, TABLES)
    found = onsets(study.protocol, study.engine, study.cohort)["later"]
    np.testing.assert_array_equal(found.day, [np.nan if d is None else d for d in days])
    assert found.type.tolist() == types
