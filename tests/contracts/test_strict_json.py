"""The strict JSON policy: what is no JSON is told with its last readable place, what is wrong with its field."""

import json
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.json_scanner import MalformedJson, scan
from shared.strict_json import InvalidJson, decode, parse


class Inner(msgspec.Struct):
    text: str | None = None
    number: float | int | None = None


class Body(msgspec.Struct):
    inner: Inner
    many: list[Inner] = []


GOOD = b'{"inner":{"text":"a:b","number":1},"many":[{"text":"\\u003a"},{"number":2.5}]}'


def refused(body: bytes) -> tuple[int, str]:
    """The status and the pointer of a refusal."""
    try:
        decode(body, Body)
    except MalformedJson as error:
        return 400, error.pointer
    except InvalidJson as error:
        return 422, error.errors[0].pointer
    raise AssertionError("was not refused")


def test_what_is_right_is_read() -> None:
    assert decode(GOOD, Body).many[0].text == ":"


@pytest.mark.parametrize(
    "body, status, pointer",
    [
        (b"", 400, ""),
        (b"nonsense", 400, ""),
        (b"\xef\xbb\xbf{}", 400, ""),
        (b'{"inner":{"text":"\xff"}}', 400, "/inner/text"),
        (b'{"inner":{"number":NaN}}', 400, "/inner/number"),
        (b'{"inner":{"number":Infinity}}', 400, "/inner/number"),
        (b'{"inner":{"number":-Infinity}}', 400, "/inner/number"),
        (b'{"inner":{"number":01}}', 400, "/inner/number"),
        (b'{"inner":{"number":+1}}', 400, "/inner/number"),
        (b'{"inner":{"text":"\\ud800"}}', 400, "/inner/text"),
        (b'{"inner":{"text":"\\udc00\\ud800"}}', 400, "/inner/text"),
        (b'{"inner":{"text":"a\x00b"}}', 400, "/inner/text"),
        (b'{"inner":{"text":"a\nb"}}', 400, "/inner/text"),
        (b'{"inner":{"text":"a\\qb"}}', 400, "/inner/text"),
        (b'{"inner":{"text":\'a\'}}', 400, "/inner/text"),
        (b'{"inner":{}} {}', 400, ""),
        (b'{"inner":{}}x', 400, ""),
        (b'{"inner":{"text":"a"', 400, "/inner/text"),
        (b'{"inner":{"text":"a",}}', 400, "/inner/text"),
        (b'{"many":[{},{"text":"a" "b"}]}', 400, "/many/1/text"),
        (b'{"many":[{},]}', 400, "/many/1"),
        (b'{"inner":' + b"[" * 17 + b"]" * 17 + b"}", 400, "/inner" + "/0" * 15),
        (b"[" * 100_000, 400, "/0" * 16),
        (b'{"inner":{"text":"a","text":"a"}}', 422, "/inner/text"),
        (b'{"inner":{"text":"a","\\u0074ext":"a"}}', 422, "/inner/text"),
        (b'{"inner":{"text":"\\u003a","text":"a"}}', 422, "/inner/text"),
        (b'{"inner":{},"inner":{}}', 422, "/inner"),
        (b'{"inner":{"text":"\\u0000"}}', 422, "/inner/text"),
        (b'{"inner":{"number":1e400}}', 422, "/inner/number"),
        (b'{"inner":{"number":-1e400}}', 422, "/inner/number"),
        (b'{"inner":{"number":' + b"9" * 5000 + b"}}", 422, "/inner/number"),
        (b'{"inner":{"number":12345678901234567890}}', 422, "/inner/number"),
        (b'{"inner":{"number":true}}', 422, "/inner/number"),
        (b'{"inner":{"extra":1}}', 422, "/inner/extra"),
        (b'{"inner":{"":1}}', 422, "/inner"),
        (b'{"many":[]}', 422, "/inner"),
        (b"[]", 422, ""),
        (b"null", 422, ""),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(body: bytes, status: int, pointer: str) -> None:
    assert refused(body) == (status, pointer)


def test_several_errors_are_found_at_once() -> None:
    with pytest.raises(InvalidJson) as caught:
        decode(b'{"inner":{"text":1,"number":true,"a":1},"many":[{"text":2}],"b":0}', Body)
    assert [error.pointer for error in caught.value.errors] == [
        "/inner/text",
        "/inner/number",
        "/inner/a",
        "/many/0/text",
        "/b",
    ]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_any_json_that_is_right_is_read_alike_by_both_ways(value: object, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert parse(body)[:2] == (value, [])
    assert scan(body) == (value, [])


@given(
    st.dictionaries(st.text(string.ascii_lowercase + ':é\\"', min_size=1, max_size=5), VALUES, min_size=1, max_size=4),
    st.booleans(),
    st.data(),
)
def test_a_key_that_stands_twice_is_always_found(
    value: dict[str, object], ascii_only: bool, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    twice = json.dumps({key: data.draw(VALUES)}, ensure_ascii=ascii_only)[1:-1]
    body = json.dumps({"a": [value]}, ensure_ascii=ascii_only).replace("[{", "[{" + twice + ",", 1).encode()
    assert len(parse(body)[1]) == 1
    assert parse(json.dumps({"a": [value]}).encode())[1] == []
