"""`coursewatch protocol check` tells a pharmacist what is in a protocol, or what to mend and where."""

import json
from pathlib import Path

import pytest

from services.cli import main
from services.monitoring import catalogue
from services.monitoring.protocol_commands.worked import LOOKED_AT
from services.monitoring.rules.scenes import Scene
from services.monitoring.written import PROTOCOLS
from tests.monitoring.protocol_commands.copies import PROTOCOL, Copy

TSH = "every_months = 3, early_days = 14, close_out_from_days = 45"
HISTORY = {"why", "on", "facts", "zone", "sex", "birth_date", "known_at", "profile"}


def check(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str]]:
    """The exit code and the lines on standard output."""
    code = main(["protocol", "check", str(path), *more])
    return code, capsys.readouterr().out.splitlines()


def test_the_shipped_protocol_is_fine_and_its_rules_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = check(PROTOCOLS / PROTOCOL, capsys)
    assert code == 0
    edition = catalogue.load(PROTOCOL)
    assert said[0] == f"{edition.name} is fine: {edition.title}."
    assert edition.sha256 in said[1]
    (grids,) = [line.split() for line in said if line.startswith("  requirement, grid")]
    assert grids[2:] == ["5", "6", "5", "0"]
    assert any(line.startswith("Besides, in us: ") and "MON-10" in line for line in said)


def test_the_same_is_there_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = check(PROTOCOLS / PROTOCOL, capsys, "--json")
    told = json.loads("\n".join(said))
    assert (code, told["fine"], told["mistakes"]) == (0, True, [])
    assert "MON-10" in told["contents"]["on"]["us"]
    assert "MON-10" not in told["contents"]["on"]["eu"]


def test_several_mistakes_in_several_files_are_told_in_one_go_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Copy(tmp_path)
    key = mine.change(TSH, "evry_months = 3, early_days = 14, close_out_from_days = 45")
    kind = mine.change('timing = { kind = "rolling"', 'timing = { kind = "roling"')
    text = mine.change("gap_days = 15", 'gap_days = "15"', "protocol.toml")
    code, said = check(mine.path, capsys)
    assert code == 1
    assert said[0] == (
        f"monitoring.toml, line {key}, MON-04, timing, evry_months: there is no such key here. "
        "Did you mean every_months?"
    )
    assert said[1] == (
        f'monitoring.toml, line {kind}, MON-06, timing, kind: "roling" is no kind of this. Did you mean rolling? '
        "Write one of: grid, rolling, once."
    )
    assert said[2] == (
        f'protocol.toml, line {text}, courses, gap_days: "15" does not belong here. Write a whole number, '
        "without quotation marks."
    )
    assert said[4].startswith("3 mistakes.")


def test_what_parts_of_it_do_not_agree_in_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Copy(tmp_path)
    profile = mine.change('profiles = ["us"]', 'profiles = ["usa"]')
    never = mine.change(TSH, "every_months = 0, early_days = 14, close_out_from_days = 45")
    word = mine.change('"suspected:itp"', '"suspect:itp"', "triggered.toml")
    code, said = check(mine.path, capsys)
    assert code == 1
    assert said[0] == f"monitoring.toml, line {never}, MON-04, timing, every_months: 0 is too small. Write 1 or more."
    assert said[1].startswith(f'monitoring.toml, line {profile}, MON-10, profiles: "usa" is no profile of this file.')
    assert said[2].startswith(
        f'triggered.toml, line {word}, TRG-01, timing, after: "suspect:itp" is no word of a finding'
    )
    assert "Did you mean suspected:itp?" in said[2]


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('title = "Skin examination"', "title = Skin examination", "Write texts in quotation marks"),
        ('title = "Skin examination"', 'title = "Skin examination', "a quotation mark is missing"),
        ('title = "Skin examination"', 'title = "Skin examination"\ntitle = "twice"', "a key is written twice"),
        ('title = "Skin examination"', 'title "Skin examination"', "an = is missing"),
    ],
)
def test_what_is_no_toml_is_told_in_plain_words_with_its_line(
    old: str, new: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Copy(tmp_path)
    line = mine.change(old, new) + new.count("\n")
    code, said = check(mine.path, capsys)
    assert code == 1
    assert said[0].startswith(f"monitoring.toml, line {line}: can't be read as TOML: ")
    assert hint in said[0]


def test_a_changed_interval_makes_the_examples_speak_that_no_longer_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Copy(tmp_path)
    mine.change(TSH, "every_months = 2, early_days = 14, close_out_from_days = 45")
    line = mine.change("due = 2024-04-08", "due = 2024-04-08")
    code, said = check(mine.path, capsys)
    assert code == 1
    assert (
        f"monitoring.toml, line {line}, A plain course: 48 monthly slots, none due after the end, MON-04.e1.s1, due: "
        "the rules say 2024-03-08, the example says 2024-04-08."
    ) in said
    assert "Where the rule was meant to change, write what it says now; else mend the rule." in said[-1]


def test_an_example_of_a_fact_that_nobody_can_record_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Copy(tmp_path)
    line = mine.change('type = "LabResultRecorded"', 'type = "LabResultRecordet"', "readiness.toml")
    code, said = check(mine.path, capsys)
    assert code == 1
    assert said[0].startswith(f"readiness.toml, line {line}, ")
    assert said[0].endswith(
        'type: "LabResultRecordet" is no fact that can be recorded. Did you mean LabResultRecorded?'
    )


def test_a_protocol_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = check(tmp_path / "nowhere", capsys)
    assert (code, said[0]) == (
        1,
        f"There is no file or folder {tmp_path / 'nowhere'}. Name the folder of a protocol, or its one file.",
    )


def test_everything_that_a_scene_can_expect_is_run() -> None:
    assert {*Scene.__struct_fields__} == LOOKED_AT | HISTORY
