"""Is a response known again by its content, whatever its clothes, and refused only when it is none?"""

import hashlib
import hmac
import json
import struct
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.problem import Problem
from survey.response import (
    MAX_BODY,
    DoesNotFit,
    NotAResponse,
    Response,
    digest_of_comment,
    open_envelope,
    pack,
    read_submission,
)
from survey.words import LANGUAGES, load_words
from tests.builders import SALT, body, both, encoded, packed, questionnaire, shipped

Q = shipped()
ID = uuid.UUID("5f1f3f0e-8f5a-4d53-9a1e-0d6a3c5b7e21")
FULL = {
    "id": str(ID),
    "service": "nib",
    "station": "loket-1",
    "epoch": "0b9e8f6a-54a3-4f0e-8f39-0c7a51f2a001",
    "sequence": 17,
    "channel": "kiosk",
    "profile": {"sex": 2, "age": 3},
    "timings": {"P_time": 32},
    "comment": "Terima kasih",
}


def read(sent: bytes) -> Response:
    return pack(read_submission(open_envelope(sent)), Q, SALT)


# --- what is packed


def test_a_code_is_the_byte_at_the_position_of_its_column_and_zero_is_not_answered() -> None:
    response = packed(Q, time=4, E_facilities=1)
    expected = bytearray(18)
    expected[Q.positions["P_time"]], expected[Q.positions["E_facilities"]] = 4, 1
    assert response.answers == bytes(expected)


def test_a_profile_code_is_a_byte_in_the_order_of_the_profile_questions() -> None:
    assert packed(Q, profile={"sex": 2, "occupation": 6}).profile == bytes([2, 0, 0, 6])


def test_timings_are_two_bytes_each_little_endian_and_end_at_65535() -> None:
    timings = packed(Q, timings={"P_requirements": 258, "P_procedure": 9_999_999}).timings
    assert len(timings) == 2 * 18
    assert timings[:4] == b"\x02\x01\xff\xff"
    assert struct.unpack("<18H", timings)[2:] == (0,) * 16


def test_points_are_kept_as_points_plus_one_in_one_byte() -> None:
    """0 points is code 1, 100 points is code 101, and 102 is off the scale."""
    q = questionnaire("time", points={"question": both("Share")})
    for code in (1, 101):
        assert packed(q, W_one=code).answers == bytes([0, code])
    with pytest.raises(DoesNotFit):
        packed(q, W_one=102)


# --- the digest


CANONICAL = (
    '{"answers":{"E_time":3,"P_time":4},"channel":"kiosk","comment":"%s",'
    '"epoch":"0b9e8f6a-54a3-4f0e-8f39-0c7a51f2a001","id":"5f1f3f0e-8f5a-4d53-9a1e-0d6a3c5b7e21","language":"id",'
    '"profile":{"age":3,"sex":2},"questionnaire":{"digest":"%s","name":"skm-2017-servqual","version":2},"sequence":17,'
    '"service":"nib","started_at":"2026-11-24T01:57:00.000Z","station":"loket-1",'
    '"submitted_at":"2026-11-24T01:59:00.000Z","survey":"skm","timings":{"P_time":32}}'
)


@given(
    codes=st.dictionaries(st.sampled_from([column.name for column in Q.columns]), st.integers(1, 4)),
    timings=st.dictionaries(st.sampled_from([column.name for column in Q.columns]), st.integers(0, 65_535)),
    profile=st.dictionaries(st.sampled_from(["sex", "age"]), st.integers(1, 2)),
    comment=st.none() | st.text(),
    sequence=st.none() | st.integers(1, 2**31 - 1),
    names=st.tuples(*[st.none() | st.text(min_size=1, max_size=20).filter(str.isprintable)] * 2),
    survey=st.text(min_size=1, max_size=20).filter(str.isprintable),
    moment=st.datetimes(datetime(1971, 1, 1), datetime(8999, 1, 1)),
)
def test_the_canonical_bytes_are_those_that_json_writes(
    codes: dict[str, int],
    timings: dict[str, int],
    profile: dict[str, int],
    comment: str | None,
    sequence: int | None,
    names: tuple[str | None, str | None],
    survey: str,
    moment: datetime,
) -> None:
    """Read back and written again with sorted keys and no spaces, whatever names and numbers stand in them."""
    (service, station), at = names, moment.isoformat() + "Z"
    given_ = {"answers": codes, "timings": timings, "profile": profile, "comment": comment, "sequence": sequence}
    one = packed(Q, survey=survey, service=service, station=station, submitted_at=at, **given_)
    written = json.dumps(json.loads(one.canonical), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert one.canonical == written.encode()
    assert json.loads(one.canonical)["answers"] == codes


def test_the_canonical_bytes_are_sorted_json_with_the_comment_as_a_salted_hash() -> None:
    """Written out in full: these bytes must never change, or no stored digest could be verified any more."""
    comment = hmac.digest(SALT, ID.bytes + b"Terima kasih", "sha256").hex()
    response = packed(Q, time=4, E_time=3, **FULL)
    assert response.canonical.decode() == CANONICAL % (comment, Q.digest)
    assert response.digest == hashlib.sha256(response.canonical).digest()


def reversed_keys(value: Any) -> Any:
    return {key: reversed_keys(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


def sent_again(how: str) -> bytes:
    """The same response in other clothes."""
    same = body(Q, time=4, E_time=3, **FULL)
    match how:
        case "keys in another order":
            return encoded(reversed_keys(same))
        case "spaces and line breaks":
            return json.dumps(same, indent=3).encode()
        case "letters written out":
            return json.dumps(same, ensure_ascii=False).encode()
        case "a timing of zero":
            return encoded(same | {"timings": {"P_time": 32, "P_fee": 0}})
        case "spaces around the comment":
            return encoded(same | {"comment": "  Terima kasih\n"})
        case "moments in another zone":
            return encoded(same | {"started_at": "2026-11-24T09:57:00+08:00"})
        case "moments to the microsecond":
            return encoded(same | {"submitted_at": "2026-11-24T01:59:00.000400Z"})
        case _:
            return encoded(same | {"id": str(ID).upper()})


CLOTHES = (
    "keys in another order",
    "spaces and line breaks",
    "letters written out",
    "a timing of zero",
    "spaces around the comment",
    "moments in another zone",
    "moments to the microsecond",
    "an id in capitals",
)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_the_digest_does_not_see(clothes: str) -> None:
    assert read(sent_again(clothes)).digest == packed(Q, time=4, E_time=3, **FULL).digest


def test_a_field_that_is_null_is_a_field_that_is_absent() -> None:
    absent = dict.fromkeys(("service", "station", "epoch", "sequence", "comment"), ...)
    assert packed(Q, id=str(ID), **absent).digest == packed(Q, id=str(ID)).digest


def test_a_comment_of_spaces_is_no_comment() -> None:
    assert packed(Q, comment=" \n ").comment_digest is None


@pytest.mark.parametrize(
    "change",
    [
        {"id": str(uuid.UUID(int=1))},
        {"survey": "contoh"},
        {"service": "pbg"},
        {"station": "loket-2"},
        {"epoch": str(uuid.UUID(int=2))},
        {"sequence": 18},
        {"channel": "phone"},
        {"language": "en"},
        {"started_at": "2026-11-24T01:57:00.001Z"},
        {"submitted_at": "2026-11-24T01:58:59Z"},
        {"profile": {"sex": 1, "age": 3}},
        {"timings": {"P_time": 33}},
        {"comment": "Terima kasih."},
        {"time": 3},
        {"fee": 3},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with(change: dict[str, Any]) -> None:
    full = {"time": 4, "E_time": 3, **FULL}
    assert packed(Q, **(full | change)).digest != packed(Q, **full).digest


def test_a_comment_is_in_the_response_only_as_a_hash_that_differs_for_every_response() -> None:
    one, other = (packed(Q, comment="Terima kasih") for _ in range(2))
    assert b"Terima" not in one.canonical
    assert one.comment_digest != other.comment_digest
    assert one.comment_digest != digest_of_comment("Terima kasih", one.id, b"another installation")


def test_a_half_character_in_a_comment_does_not_spoil_the_response() -> None:
    """A phone cuts a text in the middle of an emoji: JSON then carries a lone surrogate."""
    assert packed(Q, time=4, comment="bagus \ud83d").comment_digest


# --- what does not fit is kept, so it must be told from what is no response


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"speed": 4}, "no column “P_speed”"),
        ({"time": 5}, "“P_time” is 5; its scale goes from 1 to 4"),
        ({"time": 0}, "“P_time” is 0"),
        ({"time": -1}, "“P_time” is -1"),
        ({"time": 260}, "“P_time” is 260"),
        ({"profile": {"sex": 3}}, "“sex” is 3"),
        ({"profile": {"religion": 1}}, "no column “religion”"),
        ({"timings": {"P_speed": 1}}, "no column “P_speed”"),
        ({"timings": {"P_time": -5}}, "“P_time” is -5"),
        ({"time": True}, "answers.P_time"),
        ({"time": "4"}, "answers.P_time"),
        ({"time": 4.0}, "answers.P_time"),
        ({"time": None}, "answers.P_time"),
        ({"service": ""}, "service"),
        ({"station": "\0"}, "station"),
        ({"station": "\ud800"}, "station"),
        ({"survey": "s" * 101}, "survey"),
        ({"channel": "carrier pigeon"}, "channel"),
        ({"language": "Indonesian"}, "language"),
        ({"sequence": 0}, "sequence"),
        ({"sequence": 2**31}, "sequence"),
        ({"epoch": "yesterday"}, "epoch"),
        ({"started_at": "2026-11-24T01:57:00"}, "started_at"),
        ({"started_at": "24 November"}, "started_at"),
        ({"submitted_at": "9999-12-31T23:59:59-12:00"}, "submitted_at"),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at"),
        ({"submitted_at": ...}, "submitted_at"),
        ({"name": "Yohanes"}, "answers.P_name"),
    ],
)
def test_a_response_that_cannot_be_read_as_it_stands_says_where(given: dict[str, Any], words: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        packed(Q, **given)
    assert words in str(caught.value)


def test_a_field_nobody_knows_does_not_fit() -> None:
    """So that nothing which might identify a respondent slips in beside the answers."""
    sent = encoded(body(Q) | {"phone_number": "0812"})
    with pytest.raises(DoesNotFit, match="phone_number"):
        read(sent)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "not valid JSON"),
        (b"<html>", "not valid JSON"),
        (b'{"id": NaN}', "not valid JSON"),
        (b'{"id": 1, "id": 2}', "not valid JSON"),
        (b"\xff\xfe\xfd", "not valid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[" * 60_000, "not valid JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b"{}", "no “id”"),
        (b'{"id": 5}', "no “id”"),
        (b'{"id": ["a"]}', "no “id”"),
        (b'{"id": "five"}', "no “id”"),
        (encoded(body(Q, survey=None)), "lacks “survey”"),
        (encoded(body(Q, answers=...)), "lacks “survey”"),
        (encoded(body(Q, answers=[4, 4])), "lacks “survey”"),
        (encoded(body(Q, questionnaire=...)), "lacks “survey”"),
        (b" " * (MAX_BODY + 1), "larger than 65536 bytes"),
    ],
)
def test_a_body_that_is_no_response_says_why(sent: bytes, words: str) -> None:
    with pytest.raises(NotAResponse) as caught:
        open_envelope(sent)
    assert words in str(caught.value)


def test_a_body_of_exactly_64_kb_is_read() -> None:
    sent = encoded(body(Q))
    assert open_envelope(sent + b" " * (MAX_BODY - len(sent))).survey == "skm"


# --- whatever is thrown at it

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CODES = st.dictionaries(
    st.sampled_from(["P_time", "E_time", "sex", "age", "x", "\ud800", ""]), JSON | st.integers(-1, 300), max_size=4
)
MOMENTS = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.sampled_from(
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", 0, 1e18, "", "2026-02-30T00:00Z"]
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | JSON,
        "survey": st.just("skm") | JSON,
        "questionnaire": JSON,
        "service": JSON,
        "station": JSON | st.just("\ud800"),
        "epoch": st.uuids().map(str) | JSON,
        "sequence": st.integers() | JSON,
        "channel": st.sampled_from(["phone", "kiosk", "paper"]) | JSON,
        "language": JSON,
        "started_at": MOMENTS | JSON,
        "submitted_at": MOMENTS | JSON,
        "profile": CODES | JSON,
        "answers": CODES | JSON,
        "timings": CODES | JSON,
        "comment": st.text(st.characters(codec=None, categories=None), max_size=20) | JSON,
    },
)


def becomes_one_of_three(sent: bytes) -> None:
    try:
        response = read(sent)
    except (NotAResponse, DoesNotFit) as problem:
        assert isinstance(problem, Problem)
        for language in LANGUAGES:
            assert problem.say(load_words(language)).encode()
    else:
        assert len(response.digest) == 32 and len(response.answers) == 18


@given(FIELDS)
@settings(max_examples=300, deadline=None)
def test_any_json_is_a_response_does_not_fit_or_is_none(fields: dict[str, Any]) -> None:
    becomes_one_of_three(json.dumps(body(Q, time=4) | fields).encode())


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_response_do_not_fit_or_are_none(sent: bytes) -> None:
    becomes_one_of_three(sent)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=1))
@settings(max_examples=300, deadline=None)
def test_a_response_with_one_byte_changed_is_a_response_does_not_fit_or_is_none(place: int, byte: bytes) -> None:
    sent = encoded(body(Q, time=4, E_time=3, **FULL))
    place %= len(sent)
    becomes_one_of_three(sent[:place] + byte + sent[place + 1 :])


def test_the_clock_of_a_device_is_kept_to_the_millisecond_in_utc() -> None:
    response = packed(Q, started_at="2026-11-24T09:57:00.123456+08:00")
    assert response.started_at == datetime(2026, 11, 24, 1, 57, 0, 123_000, UTC)
