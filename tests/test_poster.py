"""Does the poster's code open the right survey, at the right service, and is the poster the same each time?"""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from survey.commands.command_line import CANNOT, main
from survey.logo import read_logo
from survey.poster import Kind, draw_poster, kind_of, poster_of
from survey.problem import Problem
from survey.settings import ROOT
from survey.store import Store
from tests.builders import survey_called

OFFICE = "http://192.168.1.10:8501"


def codes_in(picture: bytes) -> list[str]:
    """What a phone's camera would read."""
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def drawn(store: Store, kind: Kind, *, unit: str | None = None, service: str | None = None) -> bytes:
    return draw_poster(poster_of(survey_called(store), OFFICE, unit, service), kind)


@pytest.mark.parametrize(
    ("unit", "service", "address"),
    [
        (None, None, f"{OFFICE}/s/skm"),
        ("bangunan", None, f"{OFFICE}/s/skm?unit=bangunan"),
        (None, "nib", f"{OFFICE}/s/skm?service=nib"),
        ("bangunan", "pbg", f"{OFFICE}/s/skm?unit=bangunan&service=pbg"),
    ],
)
def test_the_code_on_the_picture_says_the_address(
    store: Store, unit: str | None, service: str | None, address: str
) -> None:
    """Read back by zxing-cpp, another program than the one that drew it (segno)."""
    picture = drawn(store, "png", unit=unit, service=service)
    assert codes_in(picture) == [address]
    assert Image.open(io.BytesIO(picture)).size == (1240, 1754), "A4 at 150 dots per inch"


def test_the_code_is_still_read_from_a_small_and_blurred_photograph(store: Store) -> None:
    """As a phone sees it from across the room: a quarter of the size, grey."""
    picture = Image.open(io.BytesIO(drawn(store, "png", service="nib"))).convert("L").resize((310, 438))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [f"{OFFICE}/s/skm?service=nib"]


def test_the_pdf_is_one_tagged_page_for_screen_readers(store: Store) -> None:
    """PDF/UA-1, as its metadata says; the code has a text in its place."""
    made = drawn(store, "pdf")
    assert made.startswith(b"%PDF-") and len(re.findall(rb"/Type\s*/Page\b", made)) == 1
    assert b"/StructTreeRoot" in made and b"/MarkInfo" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_the_same_poster_has_the_same_bytes(store: Store, kind: Kind, tmp_path: Path) -> None:
    """In another process too: nothing of the clock or of chance is in it."""
    again = tmp_path / f"again.{kind}"
    command = [sys.executable, "-m", "survey", "poster", "skm", "--service", "nib", "--address", OFFICE, "--to", again]
    environment = {"SURVEY_DATA": str(tmp_path / "data"), "PATH": ""}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert again.read_bytes() == drawn(store, kind, service="nib")


def test_a_name_with_the_typesetters_own_signs_stays_a_name(store: Store) -> None:
    """``#`` begins a command in typst: names are data, and no command in them is obeyed."""
    from dataclasses import replace

    survey = survey_called(store)
    odd = {"id": '#panic("x") $a$ *b* _c_ "d" \\ ] {', "en": "#import"}
    strange = replace(survey, agency=replace(survey.agency, label=odd))
    assert draw_poster(poster_of(strange, OFFICE), "pdf").startswith(b"%PDF-")


def test_a_survey_in_one_language_has_a_poster_too(store: Store) -> None:
    from dataclasses import replace

    survey = replace(survey_called(store), title={"id": "Survei"})
    assert codes_in(draw_poster(poster_of(survey, OFFICE), "png")) == [f"{OFFICE}/s/skm"]


@pytest.mark.parametrize(
    ("base", "key"),
    [
        ("http://localhost:8501", "poster.local_address"),
        ("http://127.0.0.1:8501", "poster.local_address"),
        ("192.168.1.10:8501", "poster.bad_address"),
        ("ftp://192.168.1.10", "poster.bad_address"),
        ("http://192.168.1.10:8501/s/skm", "poster.bad_address"),
        ("http://192.168.1.10:85010000", "poster.bad_address"),
        ("http://a b", "poster.bad_address"),
        ("http://" + "x" * 300, "poster.bad_address"),
        ("", "poster.bad_address"),
    ],
)
def test_an_address_no_phone_can_open_is_refused(store: Store, base: str, key: str) -> None:
    with pytest.raises(Problem) as told:
        poster_of(survey_called(store), base)
    assert told.value.key == key


def test_a_slash_too_many_does_no_harm(store: Store) -> None:
    assert poster_of(survey_called(store), " https://survei.example/ ").address == "https://survei.example/s/skm"


@pytest.mark.parametrize(
    ("unit", "service", "key"),
    [
        ("pajak", None, "poster.no_unit"),
        (None, "paspor", "poster.no_service"),
        ("bangunan", "nib", "poster.no_service"),
    ],
)
def test_what_the_survey_does_not_have_is_refused(
    store: Store, unit: str | None, service: str | None, key: str
) -> None:
    with pytest.raises(Problem) as told:
        poster_of(survey_called(store), OFFICE, unit, service)
    assert told.value.key == key


def test_its_file_is_named_after_what_it_is_for(store: Store) -> None:
    survey = survey_called(store)
    assert poster_of(survey, OFFICE).name == "skm"
    assert poster_of(survey, OFFICE, service="nib").name == "skm-nib"
    assert (kind_of(Path("A.PDF")), kind_of(Path("b.png"))) == ("pdf", "png")


def test_the_command_says_what_the_code_opens_or_what_is_wrong(tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = main(["poster", *arguments], out, err, {"SURVEY_DATA": str(tmp_path / "data")})
        return code, out.getvalue(), err.getvalue()

    to = tmp_path / "poster.png"
    code, told, _ = run("skm", "--address", OFFICE, "--to", str(to))
    assert code == 0 and f"Kodenya membuka: {OFFICE}/s/skm" in told
    assert codes_in(to.read_bytes()) == [f"{OFFICE}/s/skm"]
    assert run("skm", "--address", OFFICE, "--to", "poster.jpg")[0] == CANNOT
    code, _, told = run("lain", "--address", OFFICE, "--to", str(to))
    assert code == CANNOT and "Survei “lain” tidak ada." in told
    code, _, told = run("skm", "--address", OFFICE, "--to", str(tmp_path / "no" / "where.pdf"))
    assert code == CANNOT and "tidak dapat ditulis" in told


def test_the_logo_of_the_agency_stands_above_its_name(store: Store) -> None:
    file = io.BytesIO()
    Image.new("RGB", (60, 60), (200, 30, 30)).save(file, "PNG")
    survey = survey_called(store)
    agency = replace(survey.agency, logo=read_logo(file.getvalue(), "logo.png"))
    plain, with_logo = (poster_of(one, OFFICE) for one in (survey, replace(survey, agency=agency)))
    red = [
        Image.open(io.BytesIO(draw_poster(one, "png"))).convert("RGB").getcolors(10**7) for one in (plain, with_logo)
    ]
    assert [(200, 30, 30) in {colour for _, colour in found or ()} for found in red] == [False, True]
    assert draw_poster(with_logo, "pdf").startswith(b"%PDF")
