"""The measurements as a table and a figure."""

from tasks import TASKS

NAMES = {"R": "R", "sksurv": "scikit-survival", "pymatchit": "pymatchit-causal"}


def seconds(value):
    """A duration with three significant digits and a fitting unit."""
    if value < 1e-3:
        return f"{value * 1e6:.3g} us"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def best_peer(rows, task, n, kind):
    """Name and CPU seconds of the fastest peer of the same run."""
    found = [(NAMES.get(r["side"], r["side"]), r["cpu"]) for r in _peers(rows, task, n, kind)]
    return min(found, key=lambda pair: pair[1]) if found else None


def _of(rows, task, n, kind):
    return [r for r in rows if r["task"] == task and r["n"] == n and r["kind"] == kind]


def _peers(rows, task, n, kind):
    return [r for r in _of(rows, task.removesuffix("_fast"), n, kind) if r["side"] not in ("ours", "small")]


def table(rows, note=""):
    """Markdown: a note on the machine, per size a line for each task, then small samples, continuous times and memory."""
    lines = [
        "# Benchmarks",
        "",
        "Median CPU time, one thread, all sides on one machine. Ratio: best peer / ours. R: survival, cmprsk, glm.",
        *([note] if note else []),
        "",
    ]
    for kind, n in sorted({(r["kind"], r["n"]) for r in rows if r["side"] == "ours"}, key=lambda k: (k[0] != "days", k[1])):
        title = "whole-day times" if kind == "days" else "continuous times"
        lines += [f"## n = {n:,}, {title}", "", "| task | ours | best peer | ratio | all peers |", "|---|---|---|---|---|"]
        for task, name in TASKS.items():
            own = [r for r in _of(rows, task, n, kind) if r["side"] == "ours"]
            if own:
                lines.append(_line(rows, task, name, n, kind, own[0]["cpu"]))
        lines.append("")
    small = [r for r in rows if r["side"] == "small"]
    if small:
        lines += ["## Small samples: n = 126 (5 covariates), and Firth's model", "", "| task | ours |", "|---|---|"]
        lines += [f"| {TASKS[r['task']].replace('10 covariates', '5 covariates')} | {seconds(r['cpu'])} |" for r in small] + [""]
    memory = [r for r in rows if r["side"] == "ours" and r["task"] == "cox" and r["kind"] == "days"]
    lines += ["## Peak memory of the process that fits Cox (data included)", "", "| n | MiB |", "|---|---|"]
    return "\n".join(lines + [f"| {r['n']:,} | {r['peak_mib']} |" for r in memory]) + "\n"


def _line(rows, task, name, n, kind, own):
    peer = best_peer(rows, task, n, kind)
    others = _peers(rows, task, n, kind)
    everyone = ", ".join(f"{NAMES.get(r['side'], r['side'])} {seconds(r['cpu'])}" for r in others)
    if peer is None:
        return f"| {name} | {seconds(own)} | | | {everyone} |"
    return f"| {name} | {seconds(own)} | {peer[0]} {seconds(peer[1])} | {peer[1] / own:.1f} | {everyone} |"


def figure(rows, path):
    """Time against size for every task, ours and each peer; False without matplotlib."""
    try:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return False
    sides = ["ours", *sorted({r["side"] for r in rows} - {"ours", "small"})]
    hues = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#F0E442"]
    colours = dict(zip(sides, hues, strict=False))
    drawing = Figure(figsize=(15, 20), layout="constrained")
    for axis, (task, name) in zip(drawing.subplots(8, 5).flat, TASKS.items(), strict=False):
        for side in sides:
            points = sorted((r["n"], r["cpu"]) for r in rows if (r["task"], r["side"], r["kind"]) == (task, side, "days"))
            if points:
                axis.loglog(
                    *zip(*points, strict=True), "o-", label=side, color=colours[side], lw=2.2 if side == "ours" else 1.2, ms=4
                )
        axis.set_title(name, fontsize=9)
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend(fontsize=7, frameon=False)
    drawing.supxlabel("subjects")
    drawing.supylabel("CPU seconds, one thread")
    FigureCanvasSVG(drawing).print_svg(path, metadata={"Date": None})
    return True
