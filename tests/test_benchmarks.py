"""Do the benchmarks run? Nothing is said here about time: the machine may be busy."""

import os
import subprocess
import sys

import pytest

from survey.settings import ROOT
from tests.browser.conftest import CHROMIUM


def last_line(name: str) -> str:
    """What a short run prints last."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--short"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[-1]


def test_submissions_are_counted_and_compared_with_raw_commits() -> None:
    line = last_line("submissions")
    assert line.startswith("ratios to raw commits one by one: API alone with 1: ")
    assert "API in the app with 64: " in line


def test_loading_is_compared_with_the_bare_read() -> None:
    assert last_line("load").startswith("ratios to the bare read of the packed column: 20,000 responses: ")


def test_imports_are_compared_with_pandas_and_spss_files_with_pyreadstat() -> None:
    line = last_line("importing")
    assert line.startswith("ratios to pandas and pyreadstat alone: CSV: ")
    assert "; .sav: " in line and "; XLSX: " in line


@pytest.mark.browser
def test_pages_are_compared_with_the_hello_page_of_streamlit() -> None:
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed")
    line = last_line("pages")
    assert line.startswith("ratios to Streamlit's hello page: light page, usable")
    assert "survey door, usable" in line


def test_the_analysis_is_compared_with_the_bare_read_and_where_they_are_installed_with_its_peers() -> None:
    line = last_line("analysis")
    assert line.startswith("ratios of medians (of least times): ")
    assert "refresh with 20,000 against 10,000 responses " in line and "the bare read" in line
