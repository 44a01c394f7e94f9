"""The protocol of a folder of raw tables: what the tables hold decides which covariates and endpoints are offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from equipoise.contract import LINE_BEFORE
from equipoise.data.read import RawTable
from equipoise.engine import literal
from equipoise.errors import DataError, Fault
from equipoise.packs import Pack
from equipoise.start.drugs import asked_drugs, drugs_block, drugs_of
from equipoise.start.given import Given
from equipoise.start.packs import named_packs, pack_lines
from equipoise.start.questions import COVARIATES_ASKED, NONE, Ask, Question
from equipoise.start.scalars import text
from equipoise.start.write import COUNTED, UNCONFIRMED

Say = Callable[[str], None]
ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Share:
    """of: from 0 to 1. told: in words, of few patients without their number."""

    of: float
    told: str


NOBODY = Share(0.0, "0 %")
Offered = tuple[tuple, Share]  # a covariate, and of how many of the treated it is recorded

# name: label, kind, expression, levels, the record it needs: (table, column, value)
COVARIATES = (
    ("age", "Age, years", "continuous", "age_index", "", ("patient", "age_index", "")),
    ("male", "Male", "binary", "sex = 'M'", "", ("patient", "sex", "")),
    ("ecog", "ECOG performance status", "continuous", "ecog", "", ("observation", "item", "ecog")),
    ("weight", "Body weight, kg", "continuous", "weight_kg", "", ("observation", "item", "weight_kg")),
    ("max_size", "Maximal tumor size, cm", "continuous", "max_size_cm", "", ("observation", "item", "max_size_cm")),
    ("multiple", "Tumors ≥2", "binary", "n_tumors >= 2", "", ("observation", "item", "n_tumors")),
    ("ln_met", "Lymph node metastasis", "binary", "ln_met", "", ("observation", "item", "ln_met")),
    ("albumin", "Albumin, g/dL", "continuous", "albumin_g_dl", "", ("lab", "analyte", "albumin")),
    ("bilirubin", "Bilirubin, mg/dL", "continuous", "bilirubin_mg_dl", "", ("lab", "analyte", "bilirubin")),
)


def tables_protocol(
    tables: dict[str, RawTable],
    shown: str,
    say: Say,
    given: Given | None = None,
    data: str = "",
    randomised: bool = False,
    ask: Ask | None = None,
    least: int = 0,
) -> str:
    """The YAML of a study of raw tables. data: the lines under `data:`; default: the folder. randomised: the arms are compared
    without a match. least: smaller numbers of patients are not told. Raises DataError where patient, index_treatment or followup
    is not there."""
    needed = ("patient", "index_treatment", "followup")
    faults = [Fault(shown, "missing table", f"a study needs the table {n} in the folder") for n in needed if n not in tables]
    if faults:
        raise DataError(faults)
    index = tables["index_treatment"]
    counts = Counter(index.counted("drug") if "drug" in index.names else {})
    if not counts:
        raise DataError(Fault("index_treatment", "arm", "the column drug holds no treatment"))
    given = asked_drugs(counts, given or Given(), ask, least)
    drugs = drugs_of(counts, given, least)
    size = "" if least else f", {tables['patient'].n_rows} patients"
    packs = named_packs(tables)
    offered = [(c, _share(tables, c[5], least)) for c in (*COVARIATES, *(c for pack in packs for c in _offers(pack)))]
    offered = _without([o for o in offered if o[1].of > 0.5], given, ask) + [o for o in offered if o[1].of <= 0.5]
    used = [(c, share) for c, share in offered if share.of > 0.5]
    scans = all(t in tables for t in ("visit_imaging", "lesion", "lesion_measure"))
    matched = [c[0] for c, share in used if share.of >= ENOUGH]
    if not matched:
        raise DataError(Fault(shown, "covariates", "neither age nor another baseline variable is recorded in most patients"))
    say(f"tables      {', '.join(tables)}")
    k = len(drugs.compared)
    more = "all treated patients are one arm" if not k else "one arm" if k == 1 else f"{COUNTED[k]} are compared"
    say(f"arm         drug of index_treatment: {drugs.listed}; {more}")
    say(f"covariates  {', '.join(c[0] for c, _ in used)}")
    single = drugs.single
    parts = [
        f"# A first protocol for the raw tables in {shown}/ ({len(tables)} tables{size}), written by `equipoise init`.",
        "# It runs as it is, on guesses; the lines marked EDIT need your hand.",
        _study(data or f"  tables: {text(shown)}", max(k, 1), _line(tables, packs)),
        drugs_block(drugs),
        *pack_lines(packs, tables),
        _covariates(offered, "Cox models" if single or randomised else "propensity score"),
        _endpoints(scans, "progression_date" in tables["followup"].names),
        *([] if single else [_design(matched, randomised)]),
        _cox(matched, scans, single),
    ]
    if "ae" in tables:
        parts.append("# adverse events, as the table ae records them\nsafety: {}\n")
    return "\n".join(parts)


def _without(offered: list[Offered], given: Given, ask: Ask | None) -> list[Offered]:
    """The covariates without those that the user names, asked where somebody is there."""
    answers = {c[0]: f"{c[1]}, recorded in {share.told}" for c, share in offered} | {NONE: "all were known at baseline"}
    gone = given.without
    if ask is not None and not gone and offered:
        gone = tuple(ask(Question(COVARIATES_ASKED, answers, NONE, several=True)))
    return [(c, share) for c, share in offered if c[0] not in gone]


def _share(tables: dict[str, RawTable], need: tuple[str, str, str], least: int) -> Share:
    """Share of the patients with an index treatment who have such a record at any time."""
    table, column, value = need
    if table not in tables or column not in tables[table].names:
        return NOBODY
    index, other = tables["index_treatment"], tables[table]
    if "patient_id" not in index.names or "patient_id" not in other.names:
        return NOBODY
    if index.engine is not other.engine:  # files that were looked at one by one
        treated_ones = set(index.cells("patient_id"))
        cells = zip(other.cells("patient_id"), other.cells(column), strict=True)
        found = {patient for patient, cell in cells if cell is not None and (not value or cell == value)}
        return _told(len(found & treated_ones), len(treated_ones), least)
    cell = other.text(column)
    where = f"{cell} = {literal(value)}" if value else f"{cell} is not null"
    treated = f"select distinct {index.text('patient_id')} as patient from {index.relation}"
    have = f"select distinct {other.text('patient_id')} as patient from {other.relation} where {where}"
    counted = "count(*) as n, count(have.patient) as k"
    joined = f"({treated}) as treated left join ({have}) as have on have.patient = treated.patient"
    n, k = index.engine.rows(f"select {counted} from {joined}")[0]
    return _told(k, n, least)


def _told(k: int, n: int, least: int) -> Share:
    few, nearly_all = 0 < k < least, 0 < n - k < least
    of = k / max(n, 1)
    return Share(of, "few" if few else "nearly all" if nearly_all else f"{100 * of:.0f} %")


def _study(data: str, arms: int, line: str) -> str:
    return f"""\
study:
  id: study
  title: "{"Study of a single arm" if arms == 1 else f"Comparison of {COUNTED[arms]} treatments"}"
  disease: "the disease studied"
  population: "the patients studied"
  notice: {text(UNCONFIRMED)}    # delete this line when you have

conventions: r

data:
{data}

index: {{table: index_treatment, date: index_date, label: first dose{line}}}
"""


def _offers(pack: Pack) -> list[tuple]:
    """The covariates that a pack proposes, as those of the core."""
    column = {"lab": "analyte", "observation": "item"}
    found = []
    for o in pack.offers:
        table, what = o.needs
        found.append((o.name, o.label, o.kind, o.from_, "", (table, column.get(table, what), what if table in column else "")))
    return found


def _line(tables: dict[str, RawTable], packs: list[Pack]) -> str:
    """The line of the index treatment, where the data hold a line before or later ones that do not follow the first."""
    later_lines = tables.get("subsequent_therapy")
    cells = later_lines.counted("line") if later_lines is not None and "line" in later_lines.names else {}
    later = [int(c) for c in cells if c.isdecimal()]
    before = any(table.when == LINE_BEFORE and name in tables for pack in packs for name, table in pack.tables.items())
    line = min(later) - 1 if later else 2 if before else 1
    return f", line: {line}" if line > 1 or before else ""


def _covariates(offered: list[Offered], models: str) -> str:
    lines = ["# EDIT 5: covariates, each from its latest record on or before the index date inside its window.", "covariates:"]
    for (name, label, kind, source, _, need), share in offered:
        if share.of > 0.5:
            line = f"  {name}: {{label: {text(label)}, kind: {kind}, from: {text(source)}}}"
            few = "" if share.of >= ENOUGH else f"; not in the {models}"
            lines.append(f"{line}    # recorded in {share.told} of the treated ({need[0]}){few}")
    absent = [f"{c[0]} ({share.told} recorded)" for c, share in offered if share.of <= 0.5]
    if absent:
        lines.append(f"  # left out: {', '.join(absent)}")
    return "\n".join(lines) + "\n"


def _endpoints(scans: bool, clinical: bool) -> str:
    lines = ["# EDIT 3 and 4: the sources that date an event, and those that censor."]
    if scans:
        lines += ["response: {criteria: [RECIST 1.1]}", ""]
    lines += ["sources:", "  death: {table: followup, date: death_date}", "  last_contact: {table: followup, date: last_contact}"]
    events, censoring = ["death"], ["last_contact"]
    if clinical:
        lines.append("  clinical_progression: {table: followup, date: progression_date}")
        events.insert(0, "clinical_progression")
    if scans:
        seen = "criterion = 'RECIST 1.1' and overall in ('CR', 'PR', 'SD', 'NON-CR/NON-PD')"
        worse = "criterion = 'RECIST 1.1' and overall = 'PD'"
        lines.append(f"  radiologic_progression: {{table: visit_response, date: date, where: {text(worse)}}}")
        lines.append(f"  last_scan: {{table: visit_response, date: date, where: {text(seen)}, pick: last}}")
        events.insert(0, "radiologic_progression")
        censoring = ["last_scan", "day_one"]
    lines += [
        "",
        "endpoints:",
        "  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}",
    ]
    if len(events) > 1:
        lines.append("  pfs:\n    label: Progression-free survival\n    short: PFS\n    event_label: Progression or death")
        lines.append(f"    events: [{', '.join(events)}]\n    censoring: [{', '.join(censoring)}]")
    return "\n".join(lines) + "\n"


def _design(matched: list[str], randomised: bool) -> str:
    listed = ", ".join(matched)
    if not randomised:
        return f"design:\n  propensity: [{listed}]\n"
    return (
        "# Arms that were randomised are compared as they are. Were they not, match them instead of the next line:\n"
        f"# design: {{propensity: [{listed}]}}\n"
        "design: none\n"
    )


def _cox(names: list[str], scans: bool, single: bool) -> str:
    listed = ", ".join(names if single else [*names, "treatment"])
    both = "{os: *model, pfs: *model}" if scans else "{os: *model}"
    return f"cox:\n  univariable: &model [{listed}]\n  multivariable: {both}\n"
