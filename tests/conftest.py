"""What every test may ask for by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.store import Store
from tests.builders import store_in


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store after a first start: the example agency, its units, services, stations and two surveys."""
    with store_in(tmp_path / "data") as opened:
        yield opened
