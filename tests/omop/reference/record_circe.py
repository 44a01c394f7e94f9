"""Record the cohorts of Circe: `pip install ohdsi-circepy duckdb`, then run this file with PYTHONPATH=tests/omop.

ohdsi-circepy (OHDSI) writes the SQL of Circe; it runs here on the drawn databases of circe_cases.py. circe.json: number of the
case -> [person, first day, last day] of every entry. Definitions for which it writes SQL that no database takes are left out.
"""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import circe.sqlrender as render
import duckdb
from circe.api import build_cohort_query, cohort_expression_from_json
from circe.cohortdefinition import BuildExpressionQueryOptions
from circe_cases import drawn_cdm, drawn_definition

CASES, DATABASES = 48, 4
COHORT = (
    "create or replace table cohort (cohort_definition_id bigint, subject_id bigint, "
    "cohort_start_date date, cohort_end_date date)"
)
# columns of the model that the SQL of Circe names and the drawn tables lack
BESIDE = {"condition_occurrence": ("condition_status_concept_id", "provider_id"), "drug_exposure": ("provider_id",)}


def database(number: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    with tempfile.TemporaryDirectory() as folder:
        for table, rows in drawn_cdm(number).items():
            path = Path(folder) / f"{table}.csv"
            with open(path, "w", newline="") as file:
                writer = csv.DictWriter(file, list(dict.fromkeys(k for row in rows for k in row)))
                writer.writeheader()
                writer.writerows(rows)
            connection.execute(f"create table {table} as select * from read_csv('{path}', nullstr = '')")
    for table, columns in BESIDE.items():
        for column in columns:
            connection.execute(f"alter table {table} add column {column} bigint")
    return connection


def entries(connection: duckdb.DuckDBPyConnection, definition: dict) -> list[list]:
    options = BuildExpressionQueryOptions()
    options.cdm_schema = options.result_schema = options.vocabulary_schema = "main"
    options.target_table, options.cohort_id, options.generate_stats = "main.cohort", 1, False
    sql = render.render(build_cohort_query(cohort_expression_from_json(json.dumps(definition)), options))
    for (table,) in connection.execute("select table_name from duckdb_tables() where temporary").fetchall():
        connection.execute(f'drop table temp."{table}"')
    connection.execute(COHORT)
    for statement in render.split_sql(render.translate(sql, "duckdb")):
        if statement.strip():
            connection.execute(statement)
    rows = connection.execute("select subject_id, cohort_start_date, cohort_end_date from cohort order by all").fetchall()
    return [[person, str(first), str(last)] for person, first, last in rows]


if __name__ == "__main__":
    databases = {number: database(number) for number in range(DATABASES)}
    found = {}
    for case in range(CASES):
        try:
            found[case] = entries(databases[case % DATABASES], drawn_definition(case))
            print(case, len(found[case]), flush=True)
        except duckdb.Error as error:
            print(case, str(error)[:90].replace("\n", " "), flush=True)
    lines = ",\n".join(f'"{case}": {json.dumps(rows)}' for case, rows in found.items())
    Path(__file__).with_name("circe.json").write_text("{\n" + lines + "\n}\n")
