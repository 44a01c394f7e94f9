"""What the designs can detect, in words; from what the protocol assumes, never from what was found."""

from __future__ import annotations

from equipoise.document.model import Block, ref, text
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.power import detectable, endpoint_words, found_power, power_table
from equipoise.report.words import words


def power_blocks(numbers: Numbers) -> list[Block]:
    """The assumptions, what the primary design can detect under them, and the table of all designs; nothing where the protocol
    assumes nothing."""
    table = power_table(numbers)
    if table is None:
        return []
    told = [sentence for endpoint in numbers.protocol.power.median for sentence in _of_endpoint(numbers, endpoint)]
    return [text(" ".join(told), " (", ref(table.name), f"). {words('power.no_observed')}"), table]


def power_lines(numbers: Numbers) -> list[str]:
    """For a terminal: a line per design and endpoint."""
    asked, said = numbers.protocol.power, []
    for endpoint in asked.median if asked is not None else ():
        for design in numbers.design_names:
            events = found_power(numbers, design, endpoint, "events")
            if events is None:
                continue
            below, above = detectable(numbers, design, endpoint)
            power = found_power(numbers, design, endpoint, "power", "planned")
            planned = (
                ""
                if power is None
                else words("power.line_planned", power=f"{power.value:.0%}", ratio=fmt.short(asked.hazard_ratio))
            )
            said.append(
                words(
                    "power.line",
                    design=design,
                    endpoint=endpoint,
                    events=f"{events.value:.0f}",
                    below=below,
                    above=above,
                    power=f"{asked.power:.0%}",
                    planned=planned,
                )
            )
    return said


def _of_endpoint(numbers: Numbers, endpoint: str) -> list[str]:
    """Without the full stop of the last one, for a reference follows where it is the last of all."""
    asked, unit = numbers.protocol.power, numbers.protocol.time_unit
    made = [d for d in numbers.leading if found_power(numbers, d, endpoint, "events") is not None]
    if not made:
        return []
    share = found_power(numbers, made[-1], endpoint, "percent")
    events = found_power(numbers, made[-1], endpoint, "events")
    shortest, longest = map(fmt.short, asked.follow_up)
    span = {"shortest": shortest} if shortest != longest else {}
    below, above = detectable(numbers, made[-1], endpoint)
    lost = {"lost": f"{asked.lost_per_year:.0%}"} if asked.lost_per_year else {}
    assumed = words(
        "power.assumed_lost" if lost else "power.assumed",
        endpoint=fmt.lower_first(endpoint_words(numbers, endpoint)),
        median=fmt.short(asked.median[endpoint]),
        unit=unit,
        arm=fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference)),
        followed=words("power.between" if span else "power.up_to", longest=longest, unit=unit, **span),
        share=f"{share.value:.0f}%",
        **lost,
    )
    detected = words(
        "power.detected",
        size=_size(numbers, made[-1], events.n),
        events=fmt.number(events.value, 0),
        cohort=fmt.lower_first(numbers.design_label(made[-1])),
        below=below,
        above=above,
        power=f"{asked.power:.0%}",
    )
    last = endpoint == list(asked.median)[-1]
    return [assumed, detected.removesuffix(".") if last else detected]


def _size(numbers: Numbers, design: str, n: float) -> str:
    """`36 pairs`, `126 patients`, `an effective sample size of 92.3`."""
    made = numbers.study.design(design)
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if made.paired and pairs is not None:
        return words("counts.pair", count=pairs.value)
    return words("power.effective", n=fmt.number(n, 1)) if made.sample.weighted else words("counts.patient", count=n)
