"""What will be due if nothing more is recorded: windows, order, groups and visit days."""

from datetime import date

from services.monitoring.rules.forecasting import Due, Forecast, forecast
from services.monitoring.rules.treatment import Treatment
from tests.scenario import EDITION, Scenario, treated


def told(t: Scenario, on: str, until: str) -> Forecast:
    return forecast(Treatment(EDITION, t.facts), date.fromisoformat(on), date.fromisoformat(until))


def of(found: Forecast, requirement: str) -> list[Due]:
    return [one for one in found.obligations if one.requirement == requirement]


def test_each_obligation_has_the_four_dates_of_a_forecast() -> None:
    (one,) = of(told(treated("2024-05-15"), "2024-05-20", "2024-07-14"), "MON-01")
    assert (str(one.earliest), str(one.due), str(one.overdue_from), str(one.latest)) == (
        "2024-06-08",
        "2024-06-15",
        "2024-06-16",
        "2024-07-07",
    )
    assert (one.slot, one.close_out, one.title) == (1, False, "CBC with differential")


def test_the_last_day_is_inclusive_and_nothing_is_due_after_the_end() -> None:
    t = treated("2024-05-15")
    assert [str(one.due) for one in of(told(t, "2024-05-20", "2024-07-15"), "MON-01")] == ["2024-06-15", "2024-07-15"]
    assert len(of(told(t, "2024-05-20", "2034-05-20"), "MON-01")) == 48
    assert str(of(told(t, "2024-05-20", "2034-05-20"), "MON-01")[-1].due) == "2028-05-15"


def test_what_is_open_or_overdue_is_told_and_what_is_closed_is_not() -> None:
    t = treated("2024-05-15")
    t.cbc("2024-07-10")
    t.lab("2024-07-12", "ALT")
    found = told(t, "2024-07-20", "2024-08-15")
    assert [(str(one.due), one.standing) for one in of(found, "MON-01")] == [("2024-08-15", "upcoming")]
    assert [(str(one.due), one.standing) for one in of(found, "MON-05")] == [
        ("2024-07-15", "overdue"),
        ("2024-08-15", "upcoming"),
    ]
    assert of(found, "MON-05")[0].missing == ("AST", "total bilirubin")


def test_it_says_what_becomes_of_each_if_nothing_is_done() -> None:
    found = told(treated("2024-05-15"), "2024-05-20", "2024-07-20")
    assert [one.unless_done for one in of(found, "MON-02")] == ["missed", "overdue"]


def test_of_a_yearly_item_only_the_next_is_told_because_the_one_after_it_hangs_on_when_it_is_done() -> None:
    t = treated("2024-05-15")
    skin = t.exam("skin", "2025-05-01")
    (one,) = of(told(t, "2025-06-01", "2028-06-01"), "MON-06")
    assert (one.obligation_id, str(one.due), one.latest) == (
        f"{t.treatment}.MON-06.e1.after-{skin}",
        "2026-05-01",
        None,
    )
    assert one.unless_done == "overdue"


def test_obligations_come_by_due_date_then_as_the_protocol_lists_them() -> None:
    found = told(treated("2024-05-15"), "2024-05-20", "2024-08-15")
    assert [(str(one.due)[5:], one.requirement) for one in found.obligations] == [
        (day, name) for day in ("06-15", "07-15") for name in ("MON-01", "MON-02", "MON-03", "MON-05")
    ] + [("08-15", name) for name in ("MON-01", "MON-02", "MON-03", "MON-04", "MON-05")]


def test_one_visit_takes_what_falls_due_on_one_day_and_names_the_specimens() -> None:
    t = treated("2024-05-15")
    found = told(t, "2024-05-20", "2024-08-15")
    assert [(str(one.on), len(one.obligations), one.specimens) for one in found.visits] == [
        ("2024-06-15", 4, ("Blood", "Urine")),
        ("2024-07-15", 4, ("Blood", "Urine")),
        ("2024-08-15", 5, ("Blood", "Urine")),
    ]
    assert found.visits[0].obligations[0] == f"{t.treatment}.MON-01.e1.s1"


def test_what_is_overdue_falls_on_the_day_judged() -> None:
    found = told(treated("2024-05-15"), "2024-06-20", "2024-07-14")
    assert [(str(one.on), len(one.obligations)) for one in found.visits] == [("2024-06-20", 4)]


def test_the_due_dates_of_a_requirement_stand_together() -> None:
    found = told(treated("2024-05-15", sex="male"), "2024-05-20", "2024-08-20")
    lines = {one.requirement: [str(day) for day in one.due] for one in found.requirements}
    assert lines["MON-04"] == ["2024-08-15"]
    assert lines["MON-01"] == ["2024-06-15", "2024-07-15", "2024-08-15"]
    assert "MON-07" not in lines
    assert [len(one.due) for one in found.requirements] == [len(one.obligations) for one in found.requirements]


def test_after_a_death_nothing_is_due_and_without_an_infusion_neither() -> None:
    t = treated("2024-05-15")
    t.death("2024-06-20")
    assert told(t, "2024-06-25", "2025-06-25").obligations == ()
    assert told(Scenario(), "2024-06-25", "2025-06-25") == Forecast(date(2024, 6, 25), date(2025, 6, 25), (), (), ())


def test_what_is_suspended_or_declined_is_told_with_that_standing() -> None:
    t = treated("2024-05-15")
    t.decline("2024-06-10", "MON-02")
    t.transfer_out("2024-06-12")
    found = told(t, "2024-06-12", "2024-06-30")
    assert {one.requirement: one.standing for one in found.obligations}["MON-01"] == "suspended"
