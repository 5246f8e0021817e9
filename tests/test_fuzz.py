"""Does any request break the API? Requests are made from its own description: such as fit it, and such as do not."""

from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation
from starlette.testclient import TestClient

from survey.api import make_api_alone

AS_MANY = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def modes(operation: APIOperation) -> list[GenerationMode]:
    """An operation that takes nothing cannot be given the wrong thing."""
    takes = operation.body or operation.query or operation.headers or operation.path_parameters
    return list(GenerationMode) if takes else [GenerationMode.POSITIVE]


def statuses(client: TestClient, operation: APIOperation, mode: GenerationMode) -> Counter[int]:
    """How often an operation answered with which status; no answer may be an error of the server."""
    answered: Counter[int] = Counter()

    @AS_MANY
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver/api")
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        answer = client.request(**sent)
        answered[answer.status_code] += 1
        assert answer.status_code < 500, (sent, answer.text)

    try:
        ask()
    except Unsatisfiable:  # where every header there could be fits, nothing wrong can be made
        assert mode is GenerationMode.NEGATIVE
    return answered


def test_no_request_made_from_the_description_ends_in_an_error_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_DATA", str(tmp_path / "data"))
    with TestClient(make_api_alone(), raise_server_exceptions=False) as client:
        described = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
        operations = [found.ok() for found in described.get_all_operations()]
        asked = {o.label: sum((statuses(client, o, mode) for mode in modes(o)), Counter()) for o in operations}
        assert len(asked) >= 3 and all(asked.values())
        assert asked["POST /responses"].total() >= 25 and asked["POST /responses"].keys() <= {200, 201, 202, 409, 422}
        assert client.get("/api/health").json() == {"status": "ok"}
