"""R17–R19: the one line of a requirement that a worklist shows.

Slots of MON-01: 1: 06-15 (06-08 … 07-07), 2: 07-15 (07-08 … 08-07), 3: 08-15 (08-08 … 09-07), 4: 09-15 (09-08 … 10-07).
"""

from tests.scenario import CBC, Scenario, treated


def line(t: Scenario, on: str, requirement: str = "MON-01") -> tuple[str, str | None, int]:
    """(standing, due_on, days_overdue)."""
    row = t.at(on).roll_up(requirement)
    return row.standing, row.due_on, row.days_overdue


def test_R17_a_missed_month_keeps_the_line_overdue_since_its_due_date() -> None:
    t = treated()
    t.cbc("2024-06-10")

    assert line(t, "2024-07-15") == ("due", "2024-07-15", 0)
    assert line(t, "2024-07-16") == ("overdue", "2024-07-15", 1)
    assert line(t, "2024-08-08") == ("overdue", "2024-07-15", 24)
    assert line(t, "2024-09-08") == ("overdue", "2024-07-15", 55)


def test_R17_the_line_names_the_slot_that_can_still_be_closed() -> None:
    row = treated().at("2024-09-08").roll_up("MON-01")

    assert (row.due_on, row.slot_due_on, row.slot_opens_on, row.slot_closes_on) == (
        "2024-06-15",
        "2024-09-15",
        "2024-09-08",
        "2024-10-07",
    )
    assert row.obligation_id.endswith("MON-01.e1.s4")


def test_R17_a_late_test_clears_the_line_although_the_missed_months_stay_missed() -> None:
    t = treated()
    t.cbc("2024-09-09")

    assert line(t, "2024-09-09") == ("upcoming", "2024-10-15", 0)
    assert t.at("2024-09-09").standing("MON-01", 3) == "missed"


def test_R17_only_the_run_after_the_last_satisfied_slot_counts() -> None:
    t = treated()
    t.cbc("2024-08-20")

    assert line(t, "2024-09-20") == ("overdue", "2024-09-15", 5)


def test_R17_the_next_slot_is_due_before_its_window_opens() -> None:
    t = treated()
    t.cbc("2024-06-10")

    assert line(t, "2024-06-10") == ("upcoming", "2024-07-15", 0)
    assert line(t, "2024-07-07") == ("upcoming", "2024-07-15", 0)
    assert line(t, "2024-07-08") == ("due", "2024-07-15", 0)


def test_R17_a_waived_slot_is_looked_through() -> None:
    t = treated()
    t.waive("MON-01.e1.s2", "2024-07-01")
    assert line(t, "2024-08-01") == ("overdue", "2024-06-15", 47)

    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-01")
    assert line(t, "2024-06-20") == ("upcoming", "2024-07-15", 0)


def test_R17_a_slot_not_monitored_here_is_looked_through() -> None:
    t = treated()
    t.transfer_out("2024-06-10")
    t.transfer_in("2024-07-08")

    assert line(t, "2024-07-08") == ("due", "2024-07-15", 0)


def test_R17_a_slot_handed_over_overdue_is_not_looked_through() -> None:
    t = treated()
    t.transfer_out("2024-06-16")
    t.transfer_in("2024-07-08")

    assert line(t, "2024-07-08") == ("overdue", "2024-06-15", 23)


def test_R17_a_declined_slot_is_unsatisfied() -> None:
    t = treated()
    t.decline("2024-06-10")
    t.resume("2024-07-10")

    assert t.at("2024-07-12").standing("MON-01", 1) == "declined"
    assert line(t, "2024-07-12") == ("overdue", "2024-06-15", 27)


def test_R17_a_satisfied_slot_before_a_looked_through_one_still_ends_the_run() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.waive("MON-01.e1.s2", "2024-07-01")

    assert line(t, "2024-08-10") == ("due", "2024-08-15", 0)


def test_R17_the_line_is_that_of_the_newest_episode() -> None:
    t = treated()
    t.infusion("2030-01-10")

    view = t.at("2030-01-20")
    assert line(t, "2030-01-20") == ("upcoming", "2030-02-10", 0)
    assert view.roll_up("MON-01").counts["missed"] == 0
    assert view.roll_up("MON-01").obligation_id.endswith("MON-01.e2.s1")


def test_R17_an_earlier_episodes_slot_counts_in_the_run_while_its_window_is_open() -> None:
    t = treated()
    t.infusion("2028-05-25")

    assert line(t, "2028-06-07") == ("overdue", "2028-05-15", 23)
    assert line(t, "2028-06-08") == ("upcoming", "2028-06-25", 0)
    assert t.at("2028-06-07").roll_up("MON-01").obligation_id.endswith("MON-01.e1.s48")


def test_R18_a_line_that_does_not_apply_says_so_before_all_else() -> None:
    t = treated(sex="male")
    t.death("2024-06-20")
    t.transfer_out("2024-06-20")

    assert t.at("2024-06-20").roll_up("MON-07").standing == "not_applicable"


def test_R18_cancelled_precedes_suspended_and_waived() -> None:
    t = treated()
    t.transfer_out("2024-06-10")
    t.waive("MON-01", "2024-06-10")
    t.death("2024-06-20")

    assert t.at("2024-06-20").roll_up("MON-01").standing == "cancelled"


def test_R18_suspended_precedes_waived_and_has_no_days_overdue() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-10")
    t.transfer_out("2024-06-18")

    assert line(t, "2024-06-17")[0] == "waived"
    assert (line(t, "2024-06-20")[0], line(t, "2024-06-20")[2]) == ("suspended", 0)


def test_R18_waived_precedes_ended_and_has_no_days_overdue() -> None:
    t = treated()
    t.waive("MON-01", "2024-08-01")

    assert (line(t, "2024-08-20")[0], line(t, "2024-08-20")[2]) == ("waived", 0)
    assert line(t, "2028-09-01")[0] == "waived"


def test_R18_a_lapsed_waiver_of_the_requirement_gives_the_line_back_to_the_calendar() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-10", until="2024-06-17")

    assert line(t, "2024-06-17")[0] == "waived"
    assert line(t, "2024-06-18") == ("overdue", "2024-06-15", 3)


def test_R18_ended_precedes_declined() -> None:
    t = treated()
    t.decline("2028-06-01")

    assert line(t, "2028-06-07")[0] == "declined"
    assert line(t, "2028-06-08")[0] == "ended"


def test_R18_suspended_precedes_ended() -> None:
    t = treated()
    t.transfer_out("2028-06-01")

    assert line(t, "2028-07-01")[0] == "suspended"


def test_R18_death_after_the_end_cancels_the_line() -> None:
    t = treated()
    assert line(t, "2028-08-01")[0] == "ended"
    t.death("2028-08-01")

    assert line(t, "2028-08-01")[0] == "cancelled"


def test_R18_a_declined_line_keeps_its_days_overdue() -> None:
    t = treated()
    t.decline("2024-06-10")

    assert line(t, "2024-06-12") == ("declined", "2024-06-15", 0)
    assert line(t, "2024-06-20") == ("declined", "2024-06-15", 5)


def test_R18_declined_holds_while_the_refusal_is_in_force_whatever_is_open() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.decline("2024-06-12")
    t.resume("2024-06-20")

    assert [line(t, f"2024-06-{day}")[0] for day in (11, 12, 19, 20)] == [
        "upcoming",
        "declined",
        "declined",
        "upcoming",
    ]


def test_R18_a_refusal_of_another_requirement_declines_nothing_here() -> None:
    t = treated()
    t.decline("2024-06-12", "MON-02")

    assert (line(t, "2024-06-13")[0], line(t, "2024-06-13", "MON-02")[0]) == ("due", "declined")


def test_R18_complete_when_the_last_slot_is_done_though_its_window_is_open() -> None:
    t = treated("2024-01-08")
    t.cbc("2028-01-08")

    assert line(t, "2028-01-08")[0] == "complete"
    assert line(t, "2028-01-31")[0] == "complete"
    assert line(t, "2028-02-01")[0] == "ended"


def test_R18_waived_when_nothing_but_waived_slots_is_left() -> None:
    t = treated("2024-01-08")
    t.cbc("2027-12-08")
    t.waive("MON-01.e1.s48", "2027-12-10")

    assert line(t, "2027-12-20")[0] == "waived"


def test_R18_a_refusal_still_shows_while_the_grid_is_complete() -> None:
    t = treated("2024-01-08")
    t.cbc("2028-01-08")
    t.decline("2028-01-10")

    assert line(t, "2028-01-10")[0] == "declined"


def test_R19_days_overdue_count_from_the_due_date_of_the_run() -> None:
    t = treated()
    t.cbc("2024-06-10")

    assert [line(t, on)[2] for on in ("2024-07-15", "2024-07-16", "2024-07-22", "2024-08-14")] == [0, 1, 7, 30]


def test_R19_a_slots_own_days_overdue_count_from_its_own_due_date() -> None:
    view = treated().at("2024-08-20")

    assert view.slot("MON-01", 3).days_overdue == 5
    assert view.roll_up("MON-01").days_overdue == 66


def test_counts_are_of_the_newest_episode_and_include_the_open_declined_slot() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.cbc("2024-07-20")
    t.transfer_out("2024-08-09")
    t.transfer_in("2024-09-08")
    t.decline("2024-10-09")

    counts = t.at("2024-11-08").roll_up("MON-01").counts
    assert counts == {"done": 1, "done_late": 1, "missed": 1, "not_monitored_here": 1, "declined": 2}


def test_the_line_lists_what_the_named_slot_lacks_and_is_partial_only_when_something_is_there() -> None:
    t = treated()
    nothing = t.at("2024-06-10").roll_up("MON-01")
    t.lab("2024-06-10", *CBC[:3])
    some = t.at("2024-06-10").roll_up("MON-01")

    assert (len(nothing.missing), nothing.partial) == (5, False)
    assert (some.missing, some.partial) == (["neutrophils", "lymphocytes"], True)


def test_every_requirement_of_the_edition_has_its_line() -> None:
    view = treated().at("2024-06-01")

    assert set(view.roll_ups) == {"MON-01", "MON-02", "MON-03", "MON-04", "MON-05", "MON-06", "MON-07", "MON-10"}
    assert view.roll_up("MON-10").basis == "rems"


def test_a_suspended_line_names_the_slot_that_can_still_be_closed() -> None:
    t = treated()
    t.transfer_out("2024-06-01")

    row = t.at("2024-09-20").roll_up("MON-01")
    assert (row.standing, row.slot_due_on, row.due_on) == ("suspended", "2024-09-15", None)


def test_a_waived_line_names_the_slot_that_can_still_be_closed() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-01")

    row = t.at("2024-09-20").roll_up("MON-01")
    assert (row.standing, row.slot_due_on, row.due_on) == ("waived", "2024-09-15", None)


def test_a_line_says_who_where_and_on_whose_rule() -> None:
    t = treated()
    row = t.at("2024-06-20").roll_up("MON-05")

    assert (row.treatment, row.site, row.on) == (t.treatment, "neuro-1", "2024-06-20")
    assert (row.title, row.severity, row.basis) == ("ALT, AST and total bilirubin", "WARN", "seed")


def test_a_line_that_is_over_names_no_slot_and_no_date() -> None:
    t = treated()
    t.death("2024-06-20")
    dead = t.at("2024-06-20").roll_up("MON-01")
    ended = treated().at("2029-01-01").roll_up("MON-01")

    for row in (dead, ended):
        assert (row.obligation_id, row.due_on, row.slot_due_on, row.missing, row.partial) == (
            None,
            None,
            None,
            [],
            False,
        )


def test_R20_a_declined_slot_is_nobodys_fault_and_needs_no_flag() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-06-20")
    assert t.at("2024-06-20").roll_up("MON-01").overdue_on_discovery is True
    t.decline("2024-06-21")

    assert t.at("2024-06-25").roll_up("MON-01").overdue_on_discovery is False


def test_R18_a_line_whose_last_slot_was_waived_has_ended_once_that_has_closed() -> None:
    t = treated("2024-01-08")
    t.cbc("2027-12-08")
    t.waive("MON-01.e1.s48", "2027-12-10")

    assert (line(t, "2028-01-31")[0], line(t, "2028-02-01")[0]) == ("waived", "ended")


def test_counts_are_of_the_newest_episode_though_an_earlier_slot_is_still_open() -> None:
    t = treated("2020-01-15", days=1)
    t.cbc("2024-01-10")  # fills slot 48 of episode 1, open until 7 February
    t.infusion("2024-01-20")

    [line] = [one for one in t.assess("2024-01-25").roll_ups if one.requirement == "MON-01"]

    assert (line.counts.done, line.counts.missed) == (0, 0)
