"""Who is studied: the data, the index date, the arms, who leaves and why."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_serializer, field_validator, model_validator

from equipoise.protocol.connection import address_fault, shown
from equipoise.protocol.file_form import PLAIN, FileForm, TableForm
from equipoise.protocol.part import CENTURY, Name, Part

DateOrder = Literal["ymd", "dmy", "mdy", "excel", "excel_1904", "sas", "number"]
ADAM_SETS = ("ADSL", "ADTTE")
OMOP = "omop"
SDTM_DOMAINS = ("DM", "EX", "LB", "AE", "TU", "TR", "RS", "DS", "VS", "QS", "FA", "DD", "SUPPDM")


class StudyInfo(Part):
    """What the report says about the study. notice: printed on every page, e.g. that the data are synthetic."""

    id: Name
    title: str
    disease: str
    population: str
    setting: str = ""
    notice: str = ""
    data_cutoff: dt.date | None = None
    metadata: dict[str, str] = {}
    abbreviations: dict[str, str] = {}  # of the study's own words: {ABC: what it stands for}

    @field_validator("metadata", mode="before")
    @classmethod
    def _lists_are_joined(cls, given: Any) -> Any:
        """A list of texts is one text, its items behind semicolons."""
        if not isinstance(given, dict):
            return given
        return {k: "; ".join(v) if isinstance(v, list) and all(isinstance(x, str) for x in v) else v for k, v in given.items()}


class SheetDates(Part):
    """Dates of a spreadsheet as day numbers. from: the column of the index date. order: how dates are written where the year does
    not stand first; or what counts days: excel, excel_1904, sas, number (of days since any one day). orders: the same for a
    column that differs. century_from: years of two figures are those from this one on. days: name of a new column -> column of a
    date; a source names it as its `day`."""

    from_: str = Field(alias="from")
    order: DateOrder = "ymd"
    orders: dict[str, DateOrder] = {}
    century_from: int | None = Field(None, ge=1850, le=2000)
    days: dict[Name, str] = Field(min_length=1)

    @property
    def columns(self) -> list[str]:
        """The columns of dates, each once."""
        return list(dict.fromkeys((self.from_, *self.days.values())))

    def order_of(self, column: str) -> DateOrder:
        return self.orders.get(column, self.order)


class OneRow(Part):
    """Of several rows of a patient the first or the last is the patient's: by a column, or in the order of the file."""

    keep: Literal["first", "last"]
    by: str | None = None


class Data(Part):
    """Either `tables` (a folder, one file per table of the contract) or `rows` (one spreadsheet, a row per patient). With
    `connection` (the address of a database) the tables of its `schema`, or `rows`, one table or view of it."""

    tables: str | None = None
    rows: str | None = None
    sheet: str | None = None
    patient: str | None = None
    dates: SheetDates | None = None
    missing: list[str] = []  # words that stand for an empty cell
    missing_in: dict[str, list[str]] = {}  # of one column alone
    form: FileForm = PLAIN
    forms: dict[str, TableForm] = {}  # of single tables, domains or data sets of a folder; `form` is of all others
    limits: dict[str, Literal["at_limit", "half", "root_two"]] = {}  # what a value such as <0.5 is, by column
    spellings: dict[str, dict[str, list[str]]] = {}  # column -> word -> other spellings of it
    one_row: OneRow | None = None
    partial_dates: Literal["first", "mid", "last"] | None = None  # how YYYY-MM and YYYY are completed; else refused
    # CDISC SDTM or ADaM: a folder (path) of domains; files by domain where they are not named dm.csv, ex.xpt, adtte.xpt ...
    # OMOP: a folder (path) of the tables of the common data model; what is read of them stands in the block `omop`
    standard: Literal["contract", "sdtm", "adam", "omop"] = "contract"
    path: str | None = None
    domains: dict[str, str] = {}
    codes: dict[str, list[str]] = {}  # item, analyte, viable_mm or column of a patient -> its test codes of SDTM, or QNAM
    treatment: Literal["ACTARM", "ARM", "EXTRT"] = "ACTARM"
    evaluator: str = "INVESTIGATOR"
    evaluator_id: str = ""
    connection: str | None = Field(None, repr=False)
    schema_: str | None = Field(None, alias="schema")
    time_zone: str | None = None  # whose days those of moments with a time zone are

    @field_serializer("connection")
    def _without_user(self, given: str | None) -> str | None:
        return None if given is None else shown(given)

    @field_validator("connection")
    @classmethod
    def _an_address_without_password(cls, given: str | None) -> str | None:
        wrong = address_fault(given) if given is not None else ""
        if wrong:
            raise ValueError(wrong)
        return given

    @model_validator(mode="before")
    @classmethod
    def _schema_holds_tables(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("connection") and not {"tables", "rows", "path"} & set(given):
            return {**given, "tables": given.get("schema") or given.get("schema_")}
        return given

    @model_validator(mode="before")
    @classmethod
    def _path_is_a_folder_of_tables(cls, given: Any) -> Any:
        """A folder of SDTM domains makes raw tables, one of ADaM a row per subject."""
        if isinstance(given, dict) and given.get("standard") == "adam" and "rows" not in given:
            where = given.get("schema") or given.get("schema_") if given.get("connection") else given.get("path")
            return {"patient": "USUBJID", "rows": where, **given} if where else given
        if isinstance(given, dict) and given.get("standard") == "sdtm" and given.get("path") and "tables" not in given:
            return {**given, "tables": given["path"]}
        if isinstance(given, dict) and given.get("standard") == OMOP and "rows" not in given:
            where = given.get("schema") or given.get("schema_") if given.get("connection") else given.get("path")
            return {**given, "rows": where, "patient": "person_id"} if where else given
        return given

    @field_validator("codes", mode="before")
    @classmethod
    def _one_code_or_several(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: [code] if isinstance(code, str) else code for name, code in given.items()}

    @model_validator(mode="after")
    def _one_source(self) -> Data:
        self._check_connection()
        if (self.standard != "contract") != (self.path is not None) and (self.connection is None or self.path is not None):
            raise ValueError("'standard: sdtm' (adam, omop) and 'path' (the folder of its tables) go together")
        self._check_adam()
        if (self.tables is None) == (self.rows is None):
            raise ValueError("give either 'tables' (a folder) or 'rows' (one spreadsheet), not both")
        known = ADAM_SETS if self.standard == "adam" else SDTM_DOMAINS
        if self.codes and self.standard != "sdtm":
            raise ValueError("'codes' names test codes of SDTM domains; it goes with 'standard: sdtm'")
        for key, named in (("domains", self.domains), ("forms", self.forms if self.standard != "contract" else {})):
            strange = [d for d in named if d not in known]
            if strange:
                raise ValueError(f"{key} may name {', '.join(known)}; not {', '.join(strange)}")
        if self.forms and self.rows is not None and self.standard != "adam":
            raise ValueError("'forms' is of a folder of several files; how one file is written is said under 'form'")
        if self.dates is not None and self.rows is None:
            raise ValueError("'dates' makes day numbers from a spreadsheet's dates; raw tables hold dates as they are")
        if self.rows is None and (self.missing_in or self.limits or self.one_row or self.spellings):
            raise ValueError("'missing_in', 'limits', 'spellings' and 'one_row' are of one spreadsheet; they go with 'rows'")
        if self.rows is not None and self.patient is None:
            raise ValueError("'patient' names the column with the patient identifier; it is needed with 'rows'")
        return self

    def form_of(self, table: str) -> TableForm:
        """How the file of a table, domain or data set is written."""
        given = self.forms.get(table)
        return (TableForm(**self.form.declared) if given is None else given).of(table)

    def _check_adam(self) -> None:
        if self.standard != "adam":
            return
        if self.rows != (self.path if self.connection is None else self.schema_):
            raise ValueError("ADaM data sets are files in the folder 'path' or tables of a 'schema'; leave 'rows' out")
        if self.sheet is not None or self.form != PLAIN or self.one_row is not None:
            raise ValueError(
                "'sheet', 'form' and 'one_row' are of one spreadsheet; how a data set of ADaM is written is said under 'forms'"
            )

    def _check_connection(self) -> None:
        if self.time_zone is not None and not _is_zone(self.time_zone):
            raise ValueError("'time_zone' is no name of a time zone such as Europe/Berlin")
        if self.connection is None:
            if self.time_zone is not None:
                raise ValueError("'time_zone' is of a database; give its address under 'connection'")
            if self.schema_ is not None:
                raise ValueError("'schema' is of a database; give its address under 'connection'")
            return
        if self.schema_ is None:
            raise ValueError("'schema' names the schema of the database that holds the tables; it is needed with 'connection'")
        if self.path is not None or (self.rows is None and self.tables != self.schema_):
            raise ValueError("with 'connection' the tables are those of 'schema'; leave 'tables' and 'path' out")
        if self.standard == OMOP and self.rows != self.schema_:
            raise ValueError("the tables of the model are those of 'schema'; leave 'rows' out")
        if self.sheet is not None or self.form != PLAIN or self.forms:
            raise ValueError(
                "'sheet', 'form' and 'forms' say how a file is written; a table of a database has its columns as they are"
            )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class Accrual(Part):
    from_: dt.date | None = Field(None, alias="from")
    to: dt.date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Accrual:
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError("'from' is later than 'to', so that nobody could be studied")
        return self


class Index(Part):
    """Where the index date stands; a study that starts from one row per patient gives the line alone, or nothing. line: of
    treatment, the index treatment's; not given, it is the first."""

    table: str = ""
    date: str = ""
    label: str = "index date"
    line: int | None = Field(None, ge=1, le=20)
    accrual: Accrual = Accrual()


MOST_ARMS = 8


class Arm(Part):
    """value: of the arms' column; without one, every patient of a single-arm study is in the arm. short: the label in fewer
    letters, for the heads of tables and where a figure has little room; without it the label itself."""

    label: str
    value: str | None = None
    short: str = Field("", max_length=30)


class Arms(Part):
    """column: of the index table or the spreadsheet. reference: denominator of every hazard ratio. focal: matched to.

    One group: a single-arm study. It has neither reference nor focal arm, and without a column all patients are in it. More than
    two: all of them together, and each against the reference; `focal` may be left out.
    """

    column: str | None = None
    groups: dict[Name, Arm] = Field(min_length=1)
    reference: str = ""
    focal: str = ""

    @model_validator(mode="after")
    def _known(self) -> Arms:
        if len(self.groups) > MOST_ARMS:
            raise ValueError(
                f"a study has at most {MOST_ARMS} arms, and here are {len(self.groups)}; declare the arms that matter, and leave "
                "out the others by eligibility"
            )
        names = [self.short(key) for key in self.groups]
        if len(set(names)) < len(names) and any(arm.short for arm in self.groups.values()):
            raise ValueError(f"'short' names of arms tell them apart; these are {', '.join(names)}")
        if self.single:
            if (self.column is None) != (next(iter(self.groups.values())).value is None):
                raise ValueError("'column' and the arm's 'value' go together; leave out both where all patients are the arm")
            return self
        if self.column is None or any(arm.value is None for arm in self.groups.values()):
            raise ValueError(
                f"{'several' if self.several else 'two'} arms need 'column', and each of them the 'value' that it has there"
            )
        for role in ("reference", "focal"):
            if self.several and role == "focal" and not self.focal:
                continue
            if getattr(self, role) not in self.groups:
                given = f"'{getattr(self, role)}' is not one of the groups" if getattr(self, role) else "is needed and missing"
                raise ValueError(f"{role} {given}: {', '.join(self.groups)}")
        return self

    @property
    def single(self) -> bool:
        """Whether the study has one arm, so that nothing is compared."""
        return len(self.groups) == 1

    @property
    def several(self) -> bool:
        """Whether the study has more than two arms, each of which but the reference is compared with it."""
        return len(self.groups) > 2

    @property
    def treatments(self) -> list[str]:
        """The arms that are not the reference; of a single arm none."""
        return [] if self.single else [k for k in self.groups if k != self.reference]

    @property
    def contrasts(self) -> dict[str, str]:
        """Arm that is not the reference -> `arm vs reference`."""
        return {arm: f"{arm} vs {self.reference}" for arm in self.treatments}

    @property
    def compared(self) -> str:
        """The numerator of the hazard ratio: the arm that is not the reference. Of two arms."""
        return self._rest(self.reference)

    @property
    def other(self) -> str:
        """The arm that controls are taken from: not the focal one. Of two arms."""
        return self._rest(self.focal)

    def _rest(self, one: str) -> str:
        rest = [k for k in self.groups if k != one]
        if len(rest) != 1:
            raise AssertionError("only of two arms there is one beside the other")
        return rest[0]

    def pair(self, arm: str) -> Arms:
        """An arm against the reference, as the arms of a study of two; focal is the declared arm where it is one of them, else
        the arm that is compared."""
        groups = {k: group for k, group in self.groups.items() if k in (arm, self.reference)}
        return self.model_copy(update={"groups": groups, "focal": self.focal if self.focal in groups else arm})

    def label(self, key: str) -> str:
        return self.groups[key].label

    def short(self, key: str) -> str:
        """The label, or the few letters that stand for it."""
        return self.groups[key].short or self.groups[key].label

    @property
    def in_short(self) -> dict[str, str]:
        """The few letters -> the label that they stand for."""
        return {arm.short: arm.label for arm in self.groups.values() if arm.short and arm.short != arm.label}

    @property
    def contrast(self) -> str:
        """`compared vs reference`; empty where there is one arm, or more than two."""
        return "" if self.single or self.several else f"{self.compared} vs {self.reference}"


class Exclude(Part):
    """A reason to leave: patients with a row of `table` for which `where` is true; with `absent`, those without such a row.

    known: when that was known. `index`: of tables with records on both sides only those up to the index date count.
    `after_index`: later; it then needs `why` and `landmark_day`, the day from the index date by which it was known.
    """

    reason: str
    table: str | None = None
    where: str
    absent: bool = False
    known: Literal["index", "after_index"] | None = None
    why: str = ""
    landmark_day: float | None = Field(None, gt=0, le=CENTURY)

    @model_validator(mode="after")
    def _declared(self) -> Exclude:
        late = self.known == "after_index"
        if late != bool(self.why.strip()) or late != (self.landmark_day is not None):
            raise ValueError(
                "'known: after_index' goes with 'why' (the reason for leaving patients out by it) and 'landmark_day' (the day by "
                "which it was known), and they with it"
            )
        return self


class Step(Part):
    label: str
    exclude: list[Exclude] = []


class Eligibility(Part):
    start: str = "Patients in the data"
    steps: list[Step] = []


class Restriction(Part):
    """A named population within the study: the analysed patients for whom `where` is true, a condition over what was known at
    baseline. The designs, and every analysis, are made again in it. Whom a missing value leaves undecided is not in it."""

    label: str
    where: str
