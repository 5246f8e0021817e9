"""What every test may ask for by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.store import Store
from tests.builders import after_first_start, store_in


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store after a first start: the example agency, its units, services, stations and two surveys."""
    with store_in(after_first_start(tmp_path / "data")) as opened:
        yield opened


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With ``-n`` let each process take whole files, in their order: the tests of a file share what it has started."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadfile"
        config.option.loadscopereorder = False  # those with a browser last longest and come first as they are
