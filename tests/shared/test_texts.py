"""Instants, dates, zones and ids are read strictly; what is wrong is said without repeating the text."""

from datetime import UTC, date, datetime

import pytest

from shared.texts import (
    NotReadable,
    first_possible_day,
    read_day,
    read_instant,
    read_uuid,
    read_zone,
    write_instant,
)


@pytest.mark.parametrize(
    "text, utc",
    [
        ("2024-06-10T08:15:00-04:00", "2024-06-10T12:15:00.000000Z"),
        ("2024-06-10T08:15:00Z", "2024-06-10T08:15:00.000000Z"),
        ("2024-06-10T08:15:00.5+05:30", "2024-06-10T02:45:00.500000Z"),
        ("2024-02-29T23:59:59.123456789-00:00", "2024-02-29T23:59:59.123456Z"),
    ],
)
def test_an_instant_is_read_with_its_offset(text: str, utc: str) -> None:
    assert write_instant(read_instant(text)) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-10T08:15:00",
        "2024-06-10T08:15-04:00",
        "2023-01-15",
        "2024-06-10 08:15:00Z",
        "20240610T081500Z",
        "2024-06-10T08:15:60Z",
        "2024-06-10T24:00:00Z",
        "2024-06-10T08:15:00+25:00",
        "2024-06-10T08:15:00+05:60",
        "2023-02-29T08:15:00Z",
        "1718000000",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "２０２４-06-10T08:15:00Z",
        "2024-06-10T08:15:00Z\n",
        "",
    ],
)
def test_what_is_no_instant_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(NotReadable) as caught:
        read_instant(text)
    assert not text or text.strip() not in str(caught.value)


def test_dates_are_real_calendar_dates() -> None:
    assert read_day("2024-02-29") == date(2024, 2, 29)
    for text in ("2023-02-29", "2024-6-1", "2024-06", "20240610", "2024-06-10T00:00:00Z", "2024-06-10\n"):
        with pytest.raises(NotReadable):
            read_day(text)


def test_an_imprecise_date_may_first_mean_its_first_day() -> None:
    assert first_possible_day("2024") == date(2024, 1, 1)
    assert first_possible_day("2024-02") == date(2024, 2, 1)
    assert first_possible_day("2024-02-29") == date(2024, 2, 29)
    for text in ("24", "2024-13", "2024-00", "2024-02-30", "2024-"):
        with pytest.raises(NotReadable):
            first_possible_day(text)


def test_zones_are_those_of_the_iana_database() -> None:
    assert read_zone("America/New_York") == "America/New_York"
    for text in ("localtime", "Factory", "america/new_york", "../America/New_York", "/etc/localtime", "+02:00", ""):
        with pytest.raises(NotReadable):
            read_zone(text)


def test_a_uuid_has_36_characters() -> None:
    assert str(read_uuid("0190F3C2-7A10-7C3E-9A55-3B1F0A6D2E41")) == "0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41"
    for text in ("0190f3c27a107c3e9a553b1f0a6d2e41", "{0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41}", "17", ""):
        with pytest.raises(NotReadable):
            read_uuid(text)


def test_instants_are_written_in_utc_with_six_decimals() -> None:
    assert write_instant(datetime(2024, 6, 10, 13, tzinfo=UTC)) == "2024-06-10T13:00:00.000000Z"
