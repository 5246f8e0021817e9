"""What is a filled questionnaire, does it fit its questionnaire, and how do we know it again when it is sent twice?"""

import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from survey.catalogue import Channel
from survey.problem import Problem
from survey.questionnaire import MAX_VERSION, Questionnaire

MAX_BODY = 64 * 1024
LONGEST_TIMING = 65_535
_MAX_SEQUENCE = 2**31 - 1
_Places = tuple[tuple[int, str], ...]
"""Where each code stands and what is written before it, in the order of the sorted names."""
_KNOWN_PLACES: dict[str, tuple[_Places, _Places]] = {}
_Limits = Mapping[str, int]
"""The highest code by name, in the order in which the codes are kept."""
_KNOWN_LIMITS: dict[str, tuple[_Limits, _Limits, _Limits]] = {}


class NotAResponse(Problem):
    """The body is no response at all: it has no id, or is not JSON. The only thing that is refused."""


class DoesNotFit(Problem):
    """A response that cannot be read as it stands. It is kept word for word and set aside."""


def _within_years_we_can_count(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 9000:
        raise ValueError("year out of range")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("a name has no control characters and no half characters")
    return name


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
Clock = Annotated[AwareDatetime, AfterValidator(_within_years_we_can_count)]
Code = Annotated[int, Field(strict=True)]  # "4" and true are not 4 and 1: a code is never guessed


class QuestionnaireReference(BaseModel):
    """Which questionnaire was on the screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    version: Annotated[Code, Field(ge=1, le=MAX_VERSION)]
    digest: str


class Submission(BaseModel):
    """The body of ``POST /api/responses``: one whole response as the device sends it, the same bytes every time.

    Whatever was skipped is absent. Codes count from 1, points over dimensions are sent as points + 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: UUID = Field(description="UUIDv4 made by the device when the respondent began")
    survey: Name
    questionnaire: QuestionnaireReference
    service: Name | None = Field(default=None, description="name of the service received")
    station: Name | None = Field(default=None, description="name of the kiosk, tablet or desk; absent on own phones")
    epoch: UUID | None = Field(default=None, description="random id of the station's browser storage")
    sequence: Annotated[Code, Field(ge=1, le=_MAX_SEQUENCE)] | None = Field(
        default=None, description="gap-free number within station and epoch"
    )
    channel: Literal["kiosk", "phone"]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    started_at: Clock
    submitted_at: Clock
    profile: dict[str, Code] = Field(default_factory=dict, description="code by profile question")
    answers: dict[str, Code] = Field(description="code by column, such as P_time")
    timings: dict[str, Code] = Field(default_factory=dict, description="tenths of seconds on the screen, by column")
    comment: str | None = None
    ticket: str | None = Field(
        default=None, max_length=60, description="code of a queue ticket; it is used up, never kept with the answers"
    )


@dataclass(frozen=True)
class Envelope:
    """What must be readable for a body to count as a response."""

    id: UUID
    survey: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Response:
    """One filled questionnaire, checked and packed.

    ``answers`` and ``profile``: one byte per column, 0 = not answered. ``timings``: two bytes per column, tenths of
    seconds, little-endian, 0 = not seen. ``comment_digest`` is a salted hash: the text itself can be deleted later
    and the response still be verified.
    """

    id: UUID
    survey: str
    questionnaire: Questionnaire
    service: str | None
    station: str | None
    epoch: UUID | None
    sequence: int | None
    channel: Channel
    language: str
    started_at: datetime
    submitted_at: datetime
    profile: bytes
    answers: bytes
    timings: bytes
    comment_digest: bytes | None

    @property
    def canonical(self) -> bytes:
        """The content as JSON with sorted keys and no spaces: the same bytes whenever the content is the same.

        Written piece by piece, three times faster than by ``json``, since a file may bring a hundred thousand.
        """
        q = self.questionnaire
        answers, profile = _places(q)
        timings = "{}"
        if any(self.timings):
            timings = _given(answers, struct.unpack(f"<{len(answers)}H", self.timings))
        content = (
            f'{{"answers":{_given(answers, self.answers)},"channel":{_quoted(self.channel.value)},'
            f'"comment":{_hexadecimal(self.comment_digest)},"epoch":{_quoted(str(self.epoch) if self.epoch else None)},'
            f'"id":"{self.id}",'
            f'"language":{_quoted(self.language)},"profile":{_given(profile, self.profile)},'
            f'"questionnaire":{{"digest":"{q.digest}","name":{_quoted(q.name)},"version":{q.version}}},'
            f'"sequence":{"null" if self.sequence is None else self.sequence},"service":{_quoted(self.service)},'
            f'"started_at":"{_iso(self.started_at)}","station":{_quoted(self.station)},'
            f'"submitted_at":"{_iso(self.submitted_at)}","survey":{_quoted(self.survey)},'
            f'"timings":{timings}}}'
        )
        return content.encode()

    @property
    def digest(self) -> bytes:
        """SHA-256 of ``canonical``: same id and same digest is the same response sent again."""
        return hashlib.sha256(self.canonical).digest()


def open_envelope(body: bytes) -> Envelope:
    """The id, survey and content of a body. Raises ``NotAResponse`` when it is no response at all."""
    if len(body) > MAX_BODY:
        raise NotAResponse("response.too_large", limit=MAX_BODY)
    try:
        content = json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise NotAResponse("response.not_json") from error
    if not isinstance(content, dict):
        raise NotAResponse("response.not_an_object")
    try:
        identity = UUID(content["id"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotAResponse("response.no_id") from error
    survey, answers = content.get("survey"), content.get("answers")
    if not isinstance(survey, str) or not isinstance(answers, dict) or "questionnaire" not in content:
        raise NotAResponse("response.incomplete")
    return Envelope(identity, survey, content)


def read_submission(envelope: Envelope) -> Submission:
    """The content of an envelope as a ``Submission``. Raises ``DoesNotFit`` that names the first wrong place."""
    try:
        return Submission.model_validate(envelope.content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])[:80] or "-"
        raise DoesNotFit("response.wrong_field", field=place, detail=first["msg"]) from error


def pack(submission: Submission, questionnaire: Questionnaire, salt: bytes) -> Response:
    """The submission, checked against its questionnaire, as a ``Response``.

    ``salt`` is the secret that the hash of the comment is made with. Raises ``DoesNotFit`` for an unknown column or a
    code off its scale.
    """
    q = questionnaire
    limits, profile_limits, timing_limits = _limits(q)
    comment = (submission.comment or "").strip()
    timings = {name: min(tenths, LONGEST_TIMING) for name, tenths in submission.timings.items()}
    return Response(
        id=submission.id,
        survey=submission.survey,
        questionnaire=q,
        service=submission.service,
        station=submission.station,
        epoch=submission.epoch,
        sequence=submission.sequence,
        channel=Channel(submission.channel),
        language=submission.language,
        started_at=submission.started_at,
        submitted_at=submission.submitted_at,
        profile=bytes(_packed(submission.profile, profile_limits)),
        answers=bytes(_packed(submission.answers, limits)),
        timings=struct.pack(f"<{len(limits)}H", *_packed(timings, timing_limits, lowest=0)),
        comment_digest=digest_of_comment(comment, submission.id, salt) if comment else None,
    )


def digest_of_comment(text: str, identity: UUID, salt: bytes) -> bytes:
    """HMAC-SHA256 of a comment, different for every response, so that equal comments cannot be recognised."""
    return hmac.digest(salt, identity.bytes + text.encode("utf-8", "surrogatepass"), "sha256")


def _packed(given: Mapping[str, int], limits: _Limits, lowest: int = 1) -> list[int]:
    for name, code in given.items():
        if name not in limits:
            raise DoesNotFit("response.unknown_column", column=name[:80])
        if not lowest <= code <= limits[name]:
            raise DoesNotFit("response.off_scale", column=name, code=code, limit=limits[name])
    return [given.get(name, 0) for name in limits] if given else [0] * len(limits)


def _limits(questionnaire: Questionnaire) -> tuple[_Limits, _Limits, _Limits]:
    """Of the columns, the profile questions and the timings, kept by the digest of the questionnaire."""
    q = questionnaire
    if q.digest not in _KNOWN_LIMITS:
        columns = {column.name: column.codes for column in q.columns}
        profile = {question.name: max(question.choices) for question in q.profile}
        _KNOWN_LIMITS[q.digest] = columns, profile, dict.fromkeys(columns, LONGEST_TIMING)
    return _KNOWN_LIMITS[q.digest]


def _places(questionnaire: Questionnaire) -> tuple[_Places, _Places]:
    """Of the columns and of the profile questions, kept by the digest of the questionnaire."""
    q = questionnaire
    if q.digest not in _KNOWN_PLACES:
        columns, profile = (
            tuple((names.index(name), f"{json.dumps(name)}:") for name in sorted(names))
            for names in (list(q.positions), [asked.name for asked in q.profile])
        )
        _KNOWN_PLACES[q.digest] = columns, profile
    return _KNOWN_PLACES[q.digest]


def _given(places: _Places, codes: bytes | tuple[int, ...]) -> str:
    """The codes that are not 0, as a JSON object."""
    return "{" + ",".join([f"{before}{codes[place]}" for place, before in places if codes[place]]) + "}"


def _hexadecimal(value: bytes | None) -> str:
    return "null" if value is None else f'"{value.hex()}"'


_quoted = lru_cache(maxsize=1024)(json.JSONEncoder(ensure_ascii=False).encode)
"""A text as JSON; the same few names come again and again."""


@lru_cache(maxsize=1024)
def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
