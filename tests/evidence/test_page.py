"""docs/evidence.md says what was found, and does not let a small or uncommitted run pass for more."""

from typing import Any

from tests.evidence.page import page

PROMISES = {"kill_all": "Nothing is lost.", "flood": "Nobody drowns."}
COSTS = {"posts": "a single POST"}


def finding(revision: str = "abc1234", **more: Any) -> dict[str, Any]:
    seen = {"broken": [], "counters": {"kills": 1000, "in_flight": 7}, "at_least": {"kills": 300}, "figures": {}}
    control = {**seen, "broken": ["A fact is missing in /tmp/chaos-x1/log | of ten."]}
    return {
        "promise": "Nothing is lost.",
        "held": True,
        "seed": 1,
        "seconds": 9,
        "revision": revision,
        "ended_at": "2026-11-25T09:00:00+00:00",
        "versions": {"python": "3.11.7"},
        "finding": {**seen, **more},
        "control": control,
        "taken_away": "the journal",
    }


def figure(**more: Any) -> dict[str, Any]:
    goal = {"called": "ours / stock", "at_least": 6, "at_most": None, "median": 7.5, "least": 7.0, "greatest": 8.0}
    return {
        "ended_at": "2026-11-25T09:00:00+00:00",
        "seconds": 9,
        "revision": "abc1234",
        "versions": {},
        "machine": {"cores": 2, "processor": "P", "memory_gib": 8, "load_before": 0.1},
        "goals": [goal | {"verdict": "reached"}],
        "memory_mib": {"course": 90.4},
        "wrong": [],
        "sides": {"ours": {"unit": "/s", "rounds": [1, 3, 2]}},
        "stands_in_the_way": "",
        **more,
    }


def test_a_full_run_of_a_committed_state_is_told_with_its_floors_its_control_and_its_command() -> None:
    text = page(PROMISES, {"kill_all (full)": finding()}, {}, {})
    assert "### kill_all: held" in text
    assert "| kills | 1,000 | 300 |" in text
    assert "| in flight | 7 |  |" in text
    assert "Control, without the journal: A fact is missing in" in text
    assert "2026-11-25, revision abc1234, 9 s" in text
    assert "`make chaos ARGS='kill_all'`" in text


def test_a_short_run_and_one_with_uncommitted_changes_do_not_count() -> None:
    text = page(PROMISES, {"kill_all (short)": finding(), "flood (full)": finding("abc1234+")}, COSTS, {})
    assert "held" not in text
    done = text.split("### Not yet at full size on a committed state")
    assert "`kill_all`" in done[1]
    assert "`flood`: Nobody drowns. (run at full size with changes that were not committed)" in done[1]
    assert "`posts`" in done[2]


def test_what_broke_or_reached_too_little_is_not_told_as_held() -> None:
    broken = page(PROMISES, {"kill_all (full)": finding(broken=["One is lost."])}, {}, {})
    assert "### kill_all: BROKEN" in broken
    assert "- One is lost." in broken
    void = page(PROMISES, {"kill_all (full)": finding(counters={"kills": 1})}, {}, {})
    assert "### kill_all: void, too little kills" in void


def test_a_goal_is_told_with_its_ratio_and_by_how_much_it_is_short() -> None:
    text = page({}, {}, COSTS, {"posts (full)": figure()})
    assert "| ours / stock | ≥ 6 | 7.5 | 7 … 8 | reached |" in text
    assert "Measured, median of the rounds: ours 2 /s." in text
    assert "course 90 MiB" in text
    assert "Wrong results" not in text
    assert "Wrong results" in page({}, {}, COSTS, {"posts (full)": figure(wrong=["Two rows differ."])})


def test_no_path_of_a_machine_gets_onto_the_page() -> None:
    text = page(PROMISES, {"kill_all (full)": finding()}, {}, {})
    assert "/tmp" not in text
    assert "(a path) \\| of ten." in text
