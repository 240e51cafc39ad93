"""A protocol file is read strictly, and a slip in it is a sentence that says what to write."""

import hashlib
import shutil
from pathlib import Path

import pytest

from services.monitoring import catalogue
from services.monitoring.written import PROTOCOLS, CatalogueError

PROTOCOL = "alemtuzumab-ms"


def line_of(words: str) -> int:
    """Of the first line of monitoring.toml that holds the words."""
    lines = (PROTOCOLS / PROTOCOL / "monitoring.toml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def spoiled(folder: Path, old: str, new: str) -> str:
    """What is said of the protocol after a change in the one file that holds the words."""
    shutil.copytree(PROTOCOLS / PROTOCOL, folder / PROTOCOL)
    (file,) = [one for one in sorted((folder / PROTOCOL).iterdir()) if old in one.read_text()]
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(CatalogueError) as raised:
        catalogue.load(PROTOCOL, folder=folder)
    return str(raised.value)


def test_the_edition_carries_a_hash_that_no_change_in_any_of_its_files_leaves_alone(tmp_path: Path) -> None:
    edition = catalogue.load(PROTOCOL)
    assert edition.name == "alemtuzumab-ms@2024-01"
    files = sorted((PROTOCOLS / PROTOCOL).iterdir())
    for number, file in enumerate(files):
        shutil.copytree(PROTOCOLS / PROTOCOL, tmp_path / f"{number}" / PROTOCOL)
        assert catalogue.load(PROTOCOL, folder=tmp_path / f"{number}").sha256 == edition.sha256
        changed = tmp_path / f"{number}" / PROTOCOL / file.name
        changed.write_text(changed.read_text() + "\n")
        assert catalogue.load(PROTOCOL, folder=tmp_path / f"{number}").sha256 != edition.sha256


def test_a_protocol_may_be_one_file_whose_hash_any_tool_can_check(tmp_path: Path) -> None:
    files = sorted((PROTOCOLS / PROTOCOL).iterdir(), key=lambda file: file.name != "protocol.toml")
    one = tmp_path / "all-in-one.toml"
    one.write_text("".join(file.read_text() for file in files))
    edition = catalogue.load("all-in-one", folder=tmp_path)
    assert sorted(edition.requirements) == sorted(catalogue.load(PROTOCOL).requirements)
    assert edition.sha256 == hashlib.sha256(one.read_bytes()).hexdigest()


def test_a_key_written_in_two_files_is_refused_with_both_their_names(tmp_path: Path) -> None:
    said = spoiled(tmp_path, "# The recurring monitoring", 'title = "twice"\n# The recurring monitoring')
    assert said == "protocol.toml, line 6: title is written in monitoring.toml too. Keep one of them."


def test_the_status_form_is_required_in_the_us_profile_which_is_the_default() -> None:
    assert "MON-10" in catalogue.load(PROTOCOL).requirements
    assert catalogue.load(PROTOCOL).profile == "us"


@pytest.mark.parametrize("profile", ["seed", "eu"])
def test_the_status_form_is_not_required_elsewhere(profile: str) -> None:
    assert [one for one in catalogue.load(PROTOCOL, profile).requirements if one.startswith("MON")] == [
        f"MON-0{n}" for n in range(1, 8)
    ]


def test_every_requirement_says_whose_rule_it_is() -> None:
    for requirement in catalogue.load(PROTOCOL).requirements.values():
        assert requirement.basis
        assert requirement.citation


def test_an_unknown_profile_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(CatalogueError, match="Set COURSEWATCH_PROFILE to one of: seed, us, eu"):
        catalogue.load(PROTOCOL, "mars")


def test_an_unknown_protocol_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(CatalogueError, match=r"no protocol file sugar\.toml\. Known protocols: alemtuzumab-ms"):
        catalogue.load("sugar")


def test_an_unknown_key_is_refused_where_it_stands(tmp_path: Path) -> None:
    said = spoiled(tmp_path, 'short = "TSH"', 'short = "TSH"\ncolour = "red"')
    place = f"monitoring.toml, line {line_of('TSH') + 1}, MON-04, colour: there is no such key here. Remove it"
    assert said.startswith(place)


def test_an_unknown_kind_of_timing_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, '{ kind = "grid", every_months = 3', '{ kind = "sometimes", every_months = 3')
    assert "MON-04, timing" in said
    assert "sometimes" in said


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    said = spoiled(tmp_path, "early_days = 14, ", "")
    line = line_of("every_months = 3")
    sentence = "early_days is missing. Write a whole number, like early_days = 7."
    assert said == f"monitoring.toml, line {line}, MON-04, timing: {sentence}"


def test_a_component_that_nothing_can_satisfy_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, '{ name = "TSH", loinc = ["3016-3", "11580-8"] }', '{ name = "TSH" }')
    assert "nothing can satisfy it. Write one of: loinc, beside, exam, form" in said


def test_a_share_of_a_component_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, 'needs = "leukocytes"', 'needs = "leucocytes"')
    assert 'needs: "leucocytes" names no component here. Did you mean leukocytes?' in said


def test_a_requirement_written_twice_is_refused(tmp_path: Path) -> None:
    assert "MON-01 is written twice" in spoiled(tmp_path, 'id = "MON-02"', 'id = "MON-01"')


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    assert "can't be read as TOML" in spoiled(tmp_path, "[courses]", "[courses")
