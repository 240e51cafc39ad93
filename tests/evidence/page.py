"""The page: a section for each experiment and each benchmark that counts, and a list of those that don't yet."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_HEAD = """\
# What was seen

Written by `make evidence` from what `make chaos` and `make bench` found; not by hand. An experiment counts at full size
and on a committed state only. It is void where it reached less than its floor, and its control, in which the protection
is taken away, must break. Figures are of one machine: ratios and counters are what to read."""
_PATH = re.compile(r"/(?:tmp|root|home|work|var|usr|opt)/[^\s'\"`,;)]*")
_Entry = Mapping[str, Any]


def page(
    promises: Mapping[str, str],
    findings: Mapping[str, _Entry],
    costs: Mapping[str, str],
    figures: Mapping[str, _Entry],
) -> str:
    """`promises` and `costs`: name -> what it is of all there are; `findings` and `figures` as the runs keep them."""
    parts = [
        _HEAD,
        "## Does the river hold when its parts break?",
        *_parts(promises, findings, _experiment),
        "## What does it cost beside what else there is?",
        *_parts(costs, figures, _benchmark),
    ]
    return _PATH.sub("(a path)", "\n\n".join(parts)) + "\n"


def counts(entry: _Entry) -> bool:
    """Whether it was run on a committed state."""
    return not entry["revision"].endswith("+") and entry["revision"] != "unknown"


def _parts(
    names: Mapping[str, str], kept: Mapping[str, _Entry], section: Callable[[str, str, _Entry], list[str]]
) -> list[str]:
    made: list[str] = []
    missing: list[str] = []
    for name, what in names.items():
        entry = kept.get(f"{name} (full)")
        if entry is not None and counts(entry):
            made += section(name, what, entry)
        else:
            missing.append(f"- `{name}`: {_cell(what)}{_why(entry)}")
    return [*made, *(["### Not yet at full size on a committed state", "\n".join(missing)] if missing else [])]


def _why(entry: _Entry | None) -> str:
    return "" if entry is None else " (run at full size with changes that were not committed)"


def _experiment(name: str, promise: str, entry: _Entry) -> list[str]:
    seen = entry["finding"]
    floors = seen["at_least"]
    short = [what for what, floor in floors.items() if seen["counters"].get(what, 0) < floor]
    rows = ["| counted | reached | at least |", "|---|---|---|"]
    rows += [f"| {_words(what)} | {number:,} | {_number(floors.get(what))} |" for what, number in _sorted(seen)]
    figures = ", ".join(f"{_words(what)} {value}" for what, value in seen["figures"].items())
    broken = [f"- {_cell(sentence)}" for sentence in seen["broken"][:10]]
    return [
        f"### {name}: {_verdict(entry, short)}",
        promise,
        _when(entry, f"make chaos ARGS='{_seed(entry)}{name}'"),
        *(["\n".join(broken)] if broken else []),
        "\n".join(rows),
        *([f"Also seen: {figures}."] if figures else []),
        _control(entry),
    ]


def _verdict(entry: _Entry, short: list[str]) -> str:
    if entry["finding"]["broken"]:
        return "BROKEN"
    if short:
        return f"void, too little {', '.join(short)}"
    return "held" if entry["held"] else "worth nothing, for its control held too"


def _control(entry: _Entry) -> str:
    control = entry["control"]
    if isinstance(control, str):
        return f"No control: {control}"
    sentence = _cell(control["broken"][0]) if control["broken"] else "nothing broke, so the experiment proves nothing."
    return f"Control, without {entry['taken_away']}: {sentence}"


def _benchmark(name: str, what: str, entry: _Entry) -> list[str]:
    rows = ["| ratio | goal | median of the rounds | least … greatest | |", "|---|---|---|---|---|"]
    for goal in entry["goals"]:
        wanted = f"≥ {goal['at_least']:g}" if goal["at_least"] is not None else f"≤ {goal['at_most']:g}"
        spread = f"{goal['least']:.3g} … {goal['greatest']:.3g}"
        rows.append(f"| {goal['called']} | {wanted} | {goal['median']:.3g} | {spread} | {goal['verdict']} |")
    sides = [f"{side} {_middle(told['rounds']):,.4g} {told['unit']}" for side, told in entry["sides"].items()]
    memory = ", ".join(f"{process} {peak:.0f} MiB" for process, peak in entry["memory_mib"].items())
    wrong = [f"**Wrong results, so its figures are worth nothing:** {_cell(' '.join(entry['wrong'][:5]))}"]
    machine = entry["machine"]
    return [
        f"### {name}",
        f"{what[:1].upper()}{what[1:]}.".replace("..", "."),
        _when(entry, f"make bench ARGS='{name}'")
        + f" On {machine['cores']} cores, {machine['processor']}, {machine['memory_gib']} GiB;"
        + f" load average before it {machine['load_before']}.",
        *(wrong if entry["wrong"] else []),
        "\n".join(rows),
        f"Measured, median of the rounds: {', '.join(sides)}.",
        *([f"Peak memory: {memory}."] if memory else []),
        *([f"What stands in the way: {entry['stands_in_the_way']}"] if entry["stands_in_the_way"] else []),
    ]


def _when(entry: _Entry, command: str) -> str:
    versions = entry["versions"]
    made = ", ".join(f"{name} {number}" for name, number in versions.items() if name != "coursewatch")
    return f"{entry['ended_at'][:10]}, revision {entry['revision']}, {entry['seconds']} s; {made}. Again: `{command}`"


def _seed(entry: _Entry) -> str:
    return "" if entry["seed"] == 1 else f"--seed {entry['seed']} "


def _sorted(seen: _Entry) -> list[tuple[str, int]]:
    """What has a floor first."""
    floors = seen["at_least"]
    return sorted(seen["counters"].items(), key=lambda pair: (pair[0] not in floors, pair[0]))


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _number(floor: int | None) -> str:
    return "" if floor is None else f"{floor:,}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
