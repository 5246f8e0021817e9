"""Does a clerk bring in last year's file, see what is wrong with it first, and find the index on the dashboard?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.staff import press, sign_in
from tests.running import RunningApp, running_app
from tests.test_import import NUMBERS, regency, write_csv, write_xlsx

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("import") / "data") as running:
        yield running


def bring(page: Page, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("Arti setiap kolom")).to_be_visible(timeout=20_000)


def say_the_day(page: Page, day: str) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=20_000)
    page.get_by_role("textbox", name="Tanggal semua jawaban").fill(day)
    page.keyboard.press("Enter")


def test_a_file_with_a_mistake_keeps_nothing_and_repaired_it_gives_the_published_index(
    app: RunningApp, office: BrowserContext, tmp_path: Path
) -> None:
    """The worked case of a regency: 49 rows, IKM 78.74, B."""
    page = sign_in(office.new_page(), app, "/bring")
    rows = regency()
    wrong = [["resp", *NUMBERS], [1, 9, *rows[0][2:]], *rows[1:]]
    bring(page, write_csv(tmp_path / "salah.csv", wrong, sign=";"))
    main = page.get_by_role("main")
    expect(main).to_contain_text("Sebutkan untuk hari mana jawaban ini dihitung")
    say_the_day(page, "30 Juni 2019")
    expect(main).to_contain_text("1 sel di 1 baris tidak terbaca.", timeout=20_000)
    expect(main).to_contain_text("“9” di luar skala 1 sampai 4. Perbaiki, atau kosongkan jika tidak dijawab.")
    keep = page.get_by_role("button", name="Simpan 48 jawaban")
    expect(keep).to_be_disabled()

    page.locator("input[type=file]").first.set_input_files(
        write_xlsx(tmp_path / "benar.xlsx", [["resp", *NUMBERS], *rows])
    )
    press(page.get_by_role("button", name="Simpan 49 jawaban"))
    expect(main).to_contain_text("49 masuk, 0 sudah ada; sekarang berisi 49.", timeout=20_000)

    sign_in(page, app, "/results?survey=skm")
    expect(page.get_by_role("heading", level=1)).to_contain_text("IKM 78,74 — B, Baik", timeout=20_000)
    expect(page.get_by_role("main")).to_contain_text("n = 49 responden")


def test_the_meanings_of_the_columns_are_saved_as_a_file(
    app: RunningApp, office: BrowserContext, tmp_path: Path
) -> None:
    page = sign_in(office.new_page(), app, "/bring")
    bring(page, write_csv(tmp_path / "a.csv", [["tanggal", "U3", "lain"], ["4/3/2019", 4, "x"]]))
    with page.expect_download() as waiting:
        press(page.get_by_role("button", name="Simpan arti kolom ini sebagai berkas"))
    assert waiting.value.path().read_text("utf-8") == '"tanggal": date\n"U3": P_time\n'


def test_a_bomb_is_told_in_words(app: RunningApp, office: BrowserContext, tmp_path: Path) -> None:
    from tests.test_workbook import bomb

    (file := tmp_path / "bom.xlsx").write_bytes(bomb(300_000_000))
    page = sign_in(office.new_page(), app, "/bring")
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_role("main")).to_contain_text("berkas tidak dibuka", timeout=20_000)


@pytest.mark.parametrize(
    ("kind", "button", "ending", "begins"),
    [
        ("Excel (.xlsx)", "Unduh untuk Excel", "xlsx", b"PK\x03\x04"),
        ("SPSS (.sav)", "Unduh untuk SPSS", "sav", b"$FL2"),
    ],
)
def test_the_data_can_be_taken_to_excel_and_spss(
    app: RunningApp, office: BrowserContext, kind: str, button: str, ending: str, begins: bytes
) -> None:
    """After the answers came in above."""
    page = sign_in(office.new_page(), app, "/data?survey=skm")
    page.get_by_text(kind).click(timeout=20_000)
    with page.expect_download(timeout=20_000) as waiting:
        press(page.get_by_role("button", name=button))
    assert waiting.value.suggested_filename == f"skm-skm-2017-servqual-v2.{ending}"
    assert waiting.value.path().read_bytes().startswith(begins)
