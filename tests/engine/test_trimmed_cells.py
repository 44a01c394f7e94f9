"""A cell of a file loses the blanks around it as `text_cell` says, for every sign that there is in the first planes."""

from __future__ import annotations

import duckdb
import numpy as np

from equipoise.engine.files import SMALL, _cell, csv_columns
from equipoise.engine.text import BLANK, text_cell


def test_blanks_are_trimmed_wherever_a_sign_stands():
    signs = [chr(code) for code in range(1, 0x3100)] + list(BLANK)
    cells = [cell for sign in signs for cell in (sign, f"{sign}a", f"a{sign}", f"a{sign}b", f" {sign}", f"{sign}\u00e9 ")]
    with duckdb.connect(":memory:") as connection:
        connection.register("given", {"c": np.array([*cells, "", None], dtype=object)})
        differ = connection.execute(f"select count(*) from given where ({_cell('c')}) is distinct from ({text_cell('c')})")
        assert differ.fetchone() == (0,)
        kept = connection.execute(f"select count({_cell('c')}) from given where c <> ''").fetchone()
    assert kept == (sum(bool(cell.strip(BLANK)) for cell in cells),)


def test_a_small_file_and_a_stream_hold_the_same_cells():
    body = b"P1, a ,1\nP2,,\n" * 3
    with csv_columns(body, ",", 3) as small:
        found = {name: column.tolist() for name, column in small.items()}
    rows = SMALL // len(body) + 1
    with csv_columns(body * rows, ",", 3) as stream, duckdb.connect(":memory:") as connection:
        connection.register("given", stream)
        first = connection.execute("select * from given limit 6").fetchall()
    assert first == list(zip(*found.values(), strict=True))
    assert found["c1"] == ["a", None] * 3
