"""Read a folder of SDTM domains: files into text relations, SQL into the tables of the contract, losses counted."""

from __future__ import annotations

import os
from dataclasses import dataclass

from equipoise.contract import TRUTHS
from equipoise.data import units
from equipoise.data.alone import alone
from equipoise.data.read import RawTable, table_of
from equipoise.data.sdtm.codes import code_faults, codes_of, reads_domain, supplemented
from equipoise.data.sdtm.files import KINDS, read_domain
from equipoise.data.sdtm.terms import DISPOSITION, DOMAINS, LENGTHS, PER_DAY, RELATION, SEVERITY, TABLES, UNIT_WORDS, VITALS
from equipoise.data.stored import missing_table, stored_domain, stored_tables
from equipoise.engine import Engine, Relation, listed, quote, read_sql, values
from equipoise.errors import DataError, Fault
from equipoise.protocol.blinded import LATER_VARIABLES, reads_table
from equipoise.protocol.file_form import TableForm
from equipoise.protocol.locations import locate, locate_in
from equipoise.protocol.spec import Protocol

PACKAGE = "equipoise.data.sdtm"
LISTED = 12


@dataclass(frozen=True, slots=True)
class Domains:
    """What was read: domain -> file as text, and what was left out of it on the way to the contract."""

    files: dict[str, RawTable]
    tables: dict[str, RawTable]
    sql: dict[str, str]
    findings: list[Fault]


def read_sdtm(protocol: Protocol, engine: Engine, needed: list[str]) -> Domains:
    """Every table of the contract that the domains can make, as text. Defines the relations sdtm_<domain>.

    needed: tables without which the study cannot run; those that no domain makes are not looked for. Raises DataError with every
    missing domain and variable.
    """
    files, faults, located = _files(protocol, engine)
    faults += code_faults(protocol)
    for table in (t for t in needed if t in TABLES):
        faults += _table_faults(protocol, table, set(files))
    for domain, raw in files.items():
        faults += _variable_faults(domain, raw)
    if faults:
        raise DataError(list(dict.fromkeys(faults)))
    _define_terms(protocol, engine)
    for domain in DOMAINS:
        _define_domain(engine, domain, files.get(domain), protocol.data.form_of(domain))
    engine.define("sdtm_scan", read_sql(PACKAGE, "scan.sql"), phase="data")
    open_ = {t: parts for t, parts in TABLES.items() if reads_table(protocol, t)}
    made = [t for t, (must, may) in open_.items() if set(must) <= set(files) and set((*must, *may)) & set(files)]
    tables, sql = {}, {}
    for name in made:
        sql[name] = supplemented(protocol, name, read_sql(PACKAGE, f"{name}.sql"))
        if name == "lesion":
            engine.define("sdtm_lesion", sql[name], phase="data")
        table = _text_table(engine, name, sql[name], files)
        if TABLES[name][0] or table.n_rows:
            tables[name] = table
    sql = {name: text for name, text in sql.items() if name in tables}
    return Domains(files, tables, sql, [*located, *_findings(engine, files, protocol.minimum_cell or 0)])


def keep_trace(protocol: Protocol, engine: Engine, domains: Domains) -> None:
    """The contract tables as relations over the domains, so that `script` runs from the domain files alone."""
    contract = protocol.contract.tables
    for name, sql in domains.sql.items():
        given = set(domains.tables[name].names)
        fields = [
            f"cast({f'made.{quote(c.name)}' if c.name in given else 'null'} as {c.sql_type}) as {quote(c.name)}"
            for c in contract[name].columns
        ]
        text = f"select {', '.join(fields)}, row_number() over () as source_row\nfrom (\n{sql.strip()}\n) as made"
        engine.relations[name] = Relation(name, text, "data")


def _files(protocol: Protocol, engine: Engine) -> tuple[dict[str, RawTable], list[Fault], list[Fault]]:
    """The domains that are there; faults; and what lies outside the protocol's folder or behind a link."""
    if protocol.data.connection is not None:
        return (*_stored(protocol, engine), [])
    folder, findings = locate(protocol, str(protocol.data.tables), "data", "path")
    place = protocol.place("data", "path")
    if not folder.is_dir():
        raise DataError(Fault(place, "folder", f"there is no folder '{protocol.data.tables}' beside the protocol"))
    found: dict[str, RawTable] = {}
    faults: list[Fault] = []
    for domain in _open_domains(protocol):
        named = protocol.data.domains.get(domain)
        paths = [folder / named] if named else [p for k in KINDS if (p := folder / f"{domain.lower()}{k}").is_file()]
        if len(paths) > 1:
            both = " and ".join(p.name for p in paths)
            faults.append(Fault(folder.name, "file", f"the domain {domain} is there twice: {both}; name one in data.domains"))
        elif paths:
            try:
                path, linked = locate_in(protocol, folder, os.path.relpath(paths[0], folder), "data", "domains")
                findings += linked
                raw = read_domain(path, engine, protocol.data.form_of(domain))
                found[domain] = _without_outcomes(protocol, domain, raw) if protocol.outcomes_closed else raw
            except DataError as error:
                faults += error.faults
    return found, faults, findings


def _stored(protocol: Protocol, engine: Engine) -> tuple[dict[str, RawTable], list[Fault]]:
    """The domains that are tables of a database, under names of any case; faults."""
    there = stored_tables(protocol, engine)
    found: dict[str, RawTable] = {}
    faults: list[Fault] = []
    for domain in _open_domains(protocol):
        named = protocol.data.domains.get(domain)
        tables = [t for t in there if t == named or (named is None and t.lower() == domain.lower())]
        if named and not tables:
            faults.append(missing_table(protocol, named, there, "domains"))
        elif len(tables) > 1:
            message = f"the domain {domain} is there twice: {' and '.join(tables)}; name one in data.domains"
            faults.append(Fault(str(protocol.data.schema_), "table", message))
        elif tables:
            try:
                used = [v.lower() for part in DOMAINS[domain] for v in part]
                raw = stored_domain(protocol, engine, tables[0], used)
                found[domain] = _without_outcomes(protocol, domain, raw) if protocol.outcomes_closed else raw
            except DataError as error:
                faults += error.faults
    return found, faults


def _open_domains(protocol: Protocol) -> list[str]:
    """The domains that make a table which may be read."""
    made = {domain for table, (must, may) in TABLES.items() if reads_table(protocol, table) for domain in (*must, *may)}
    return [domain for domain in DOMAINS if domain in made and reads_domain(protocol, domain)]


def _without_outcomes(protocol: Protocol, domain: str, raw: RawTable) -> RawTable:
    """DM without the dates of its end; of RS, which holds responses too, and of FA the scales; of SUPPDM what is named."""
    kept = [name for name in raw.names if domain != "DM" or name not in LATER_VARIABLES]
    codes = codes_of(protocol)
    named = {"RS": ("RSTESTCD", [*codes.scales]), "FA": ("FATESTCD", [*codes.scales]), "SUPPDM": ("QNAM", codes.supplements)}
    topic, known = named.get(domain, ("", []))
    if topic not in raw.names:
        return raw.only(kept)
    return raw.only(kept, f"upper(trim({raw.text(topic)})) in ({listed(known or [''])})")


def _table_faults(protocol: Protocol, table: str, there: set[str]) -> list[Fault]:
    place = protocol.place("data", "domains")
    message = "the study needs the domain {0} for the table {1}; name its file: domains: {{{0}: {2}.csv}}"
    return [
        Fault(place, "missing domain", message.format(domain, table, domain.lower()))
        for domain in TABLES[table][0]
        if domain not in there
    ]


def _variable_faults(domain: str, raw: RawTable) -> list[Fault]:
    return [
        Fault(f"{raw.file}, row 1", "missing variable", f"the variable {name} of {domain} is missing")
        for name in DOMAINS[domain][0]
        if name not in raw.names
    ]


def _define_terms(protocol: Protocol, engine: Engine) -> None:
    data = protocol.data
    setting = [(data.treatment, data.evaluator.upper(), data.evaluator_id.upper(), protocol.study.data_cutoff)]
    engine.define(
        "setting_sdtm",
        "select treatment, evaluator, evaluator_id, cast(data_cutoff as date) as data_cutoff from ("
        + values(["treatment", "evaluator", "evaluator_id", "data_cutoff"], setting)
        + ") as given",
        phase="data",
    )
    contract, known_codes = protocol.contract, codes_of(protocol)
    terms: tuple[tuple[str, str, dict], ...] = (
        ("sdtm_test", "analyte", known_codes.tests),
        ("sdtm_frequency", "per_day", PER_DAY),
        ("sdtm_severity", "grade", SEVERITY),
        ("sdtm_relation", "attribution", RELATION),
        ("sdtm_disposition", "stop_reason", DISPOSITION),
    )
    for name, column, codes in terms:
        engine.define(name, values(["code", column], list(codes.items())), phase="data")
    kinds = {name: "number" if item.words is None else "text" for name, item in contract.items.items()}
    scales = [(code, item, kinds[item]) for code, item in known_codes.scales.items()]
    engine.define("sdtm_scale", values(["code", "item", "kind"], scales), phase="data")
    words = [(name, given, word) for name, item in contract.items.items() for given, word in _words(item.words or ())]
    engine.define("sdtm_word", values(["item", "given", "word"], words), phase="data")
    lengths = [(*key, factor) for key, factor in LENGTHS.items()]
    engine.define("sdtm_length", values(["item", "unit", "multiply_by"], lengths), phase="data")
    engine.define("sdtm_viable", values(["code"], [(code,) for code in known_codes.viable]), phase="data")
    vitals = [(*key, *value) for key, value in VITALS.items()]
    engine.define("sdtm_vital", values(["code", "unit", "item", "multiply_by"], vitals), phase="data")
    known = [(analyte, spelling, spelling) for analyte, spelling, *_ in units.factor_rows(contract)]
    known += [
        (analyte, given, unit)
        for given, unit in UNIT_WORDS.items()
        for analyte, spelling, *_ in units.factor_rows(contract)
        if spelling == unit.lower()
    ]
    engine.define("sdtm_unit", values(["analyte", "given", "unit"], known), phase="data")


def _words(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """A word in small letters -> as the contract writes it; Y and N of what is true or false."""
    truths = [("y", "true"), ("n", "false")] if words == TRUTHS else []
    return [*((word.lower(), word) for word in words), *truths]


def _define_domain(engine: Engine, domain: str, raw: RawTable | None, form: TableForm) -> None:
    """sdtm_<domain>: its variables as text, dates as whole days: a date without its day is its month's end, a
    date without its month is empty. An absent domain has no rows."""
    must, may = DOMAINS[domain]
    names = [*must, *may]
    name = f"sdtm_{domain.lower()}"
    given = raw.names if raw else []
    cells = ", ".join(f"{raw.text(v) if raw and v in given else 'cast(null as varchar)'} as {v}" for v in names)
    source = f"from {raw.relation}" if raw else "from (select cast(null as bigint) as source_row where 1 = 0) as nothing"
    fields = ", ".join(_field(v) for v in names)
    script = _script(raw, names, form)
    engine.define_base(
        name, f"select {fields}, source_row from (select {cells}, source_row {source}) as file order by source_row", script
    )


def _field(variable: str) -> str:
    if not variable.endswith("DTC"):
        return variable
    whole = f"when length({variable}) >= 10 then substr({variable}, 1, 10)"
    month = f"when length({variable}) = 7 then cast(last_day(cast({variable} || '-01' as date)) as varchar)"
    return f"case {whole} {month} end as {variable}"


def _script(raw: RawTable | None, names: list[str], form: TableForm) -> str:
    if raw is None:
        return (
            f"select {', '.join(f'cast(null as varchar) as {v}' for v in names)}, cast(null as bigint) as source_row where 1 = 0"
        )
    inner = ", ".join(
        f"nullif(trim(cast({quote(v)} as varchar)), '') as {v}" if v in raw.names else f"cast(null as varchar) as {v}"
        for v in names
    )
    fields = ", ".join(_field(v) for v in names)
    given = alone(raw.file, form)
    rows = f"select {inner}, row_number() over () as source_row from {given.function}"
    return f"{given.said}select {fields}, source_row\nfrom ({rows}) as file"


def _text_table(engine: Engine, name: str, sql: str, files: dict[str, RawTable]) -> RawTable:
    """The rows of one contract table as text, in the order of the SQL."""
    must, may = TABLES[name]
    read = [d for d in (*must, *may) if d in files]
    made = f"raw_made_{name}"
    engine.create(made, sql)
    columns = list(engine.columns(made))
    texts = ", ".join(f"cast({quote(c)} as varchar) as c{i}" for i, c in enumerate(columns))
    engine.create(f"raw_file_made_{name}", f"select {texts} from {made}")
    engine.drop(made)
    hashes = "+".join(files[d].sha256 for d in read)
    return table_of(f"{name} (from {', '.join(read)})", engine, f"raw_file_made_{name}", columns, hashes, first_row=1)


def _findings(engine: Engine, files: dict[str, RawTable], least: int) -> list[Fault]:
    """One finding per domain and reason of what was not taken over; codes with their counts, those of fewer subjects than the
    least without a name."""
    engine.define("sdtm_lost", read_sql(PACKAGE, "lost.sql"), phase="data")
    by_reason: dict[tuple[str, str, str], list[tuple[str, int, int]]] = {}
    for domain, rule, why, *found in engine.rows("select * from sdtm_lost order by domain, rule, code"):
        by_reason.setdefault((domain, rule, why), []).append(tuple(found))
    findings = [f for domain, raw in files.items() for f in _partial_dates(engine, domain, raw, least)]
    for (domain, rule, why), found in by_reason.items():
        named = [f"{code} ({n})" for code, n, subjects in found if subjects >= least]
        few = len(found) - len(named)
        parts = named[:LISTED] + [f"{few} of fewer than {least} subjects each"] * bool(few)
        more = f" and {len(named) - LISTED} more" if len(named) > LISTED else ""
        message = f"{_told(sum(n for _, n, _ in found), least)} rows of {domain} {why}: {', '.join(parts)}{more}"
        findings.append(Fault(files[domain].file, rule, message))
    return findings


def _told(n: int, least: int) -> str:
    return f"fewer than {least}" if 0 < n < least else str(n)


def _partial_dates(engine: Engine, domain: str, raw: RawTable, least: int) -> list[Fault]:
    """Dates without their day or their month, counted by variable."""
    findings = []
    for variable in (v for part in DOMAINS[domain] for v in part if v.endswith("DTC") and v in raw.names):
        length = f"length({raw.text(variable)})"
        counts = f"count(*) filter (where {length} = 7), count(*) filter (where {length} < 10 and {length} <> 7)"
        no_day, no_month = engine.rows(f"select {counts} from {raw.relation}")[0]
        if no_day or no_month:
            days, months = _told(no_day, least), _told(no_month, least)
            message = f"{variable}: {days} dates without a day are read as their month's end, {months} without a month as empty"
            findings.append(Fault(raw.file, "partial date", message))
    return findings
