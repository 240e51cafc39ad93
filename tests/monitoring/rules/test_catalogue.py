"""A protocol file is read strictly, and a slip in it is a sentence that says what to write."""

import hashlib
from pathlib import Path

import pytest

from services.monitoring import catalogue
from services.monitoring.catalogue import CatalogueError

PROTOCOL = "alemtuzumab-ms"


def spoiled(folder: Path, old: str, new: str) -> str:
    """What is said of the protocol file after a change."""
    written = (catalogue.PROTOCOLS / f"{PROTOCOL}.toml").read_text()
    assert old in written
    (folder / f"{PROTOCOL}.toml").write_text(written.replace(old, new, 1))
    with pytest.raises(CatalogueError) as raised:
        catalogue.load(PROTOCOL, folder=folder)
    return str(raised.value)


def test_the_edition_carries_the_hash_of_the_file() -> None:
    edition = catalogue.load(PROTOCOL)
    assert edition.name == "alemtuzumab-ms@2024-01"
    assert edition.sha256 == hashlib.sha256((catalogue.PROTOCOLS / f"{PROTOCOL}.toml").read_bytes()).hexdigest()


def test_the_status_form_is_required_in_the_us_profile_which_is_the_default() -> None:
    assert "MON-10" in catalogue.load(PROTOCOL).requirements
    assert catalogue.load(PROTOCOL).profile == "us"


@pytest.mark.parametrize("profile", ["seed", "eu"])
def test_the_status_form_is_not_required_elsewhere(profile: str) -> None:
    assert list(catalogue.load(PROTOCOL, profile).requirements) == [f"MON-0{n}" for n in range(1, 8)]


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
    assert said.startswith("alemtuzumab-ms.toml, MON-04: colour is not a key here")


def test_an_unknown_kind_of_timing_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, '{ kind = "grid", every_months = 3', '{ kind = "sometimes", every_months = 3')
    assert "MON-04, timing" in said
    assert "sometimes" in said


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    said = spoiled(tmp_path, "early_days = 14, ", "")
    assert said == "alemtuzumab-ms.toml, MON-04, timing: early_days is missing. Write it."


def test_a_component_that_nothing_can_satisfy_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, '{ name = "TSH", loinc = ["3016-3", "11580-8"] }', '{ name = "TSH" }')
    assert "nothing can satisfy it. Write one of: loinc, beside, exam, form" in said


def test_a_share_of_a_component_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = spoiled(tmp_path, 'needs = "leukocytes"', 'needs = "leucocytes"')
    assert "needs names no component here. Write one of: hemoglobin, leukocytes" in said


def test_a_requirement_written_twice_is_refused(tmp_path: Path) -> None:
    assert "MON-01 is written twice" in spoiled(tmp_path, 'id = "MON-02"', 'id = "MON-01"')


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    assert "can't be read as TOML" in spoiled(tmp_path, "[courses]", "[courses")
