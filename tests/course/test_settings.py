"""The course service's settings come from COURSEWATCH_*; a wrong one is a sentence that names it."""

from pathlib import Path

import pytest

from services.course.settings import from_environment
from shared.settings import SettingsError


def test_the_defaults_are_loopback_and_a_file_in_the_data_folder() -> None:
    settings = from_environment({})
    assert (settings.host, settings.port, settings.clock, settings.kafka) == ("127.0.0.1", 8001, "system", None)
    assert settings.data == Path("var")
    assert settings.database == "sqlite:///var/course.db"


def test_everything_can_be_set() -> None:
    settings = from_environment(
        {
            "COURSEWATCH_DATA": "/srv/data",
            "COURSEWATCH_COURSE_PORT": "9001",
            "COURSEWATCH_HOST": "0.0.0.0",
            "COURSEWATCH_CLOCK": "manual",
            "COURSEWATCH_KAFKA": "kafka:9092",
        }
    )
    assert settings.database == "sqlite:////srv/data/course.db"
    assert (settings.host, settings.port, settings.clock, settings.kafka) == ("0.0.0.0", 9001, "manual", "kafka:9092")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_any_way_to_write_a_postgresql_address_is_understood(scheme: str) -> None:
    settings = from_environment({"COURSEWATCH_COURSE_DB": f"{scheme}://user@host/name"})
    assert settings.database == "postgresql+psycopg://user@host/name"


@pytest.mark.parametrize(
    "name, value",
    [
        ("COURSEWATCH_CLOCK", "sundial"),
        ("COURSEWATCH_COURSE_PORT", "http"),
        ("COURSEWATCH_COURSE_PORT", "0"),
        ("COURSEWATCH_COURSE_PORT", "70000"),
        ("COURSEWATCH_COURSE_DB", "mysql://host/name"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        from_environment({name: value})
    assert name in str(caught.value)
    assert f"`{value}`" not in str(caught.value)
