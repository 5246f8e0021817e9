"""Does a clerk set up the office and its survey without a terminal, from the first administrator to the first answer?

One story in one app: what somebody does on the first morning, in the order in which it is done.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from survey.principal import LOCAL_STAFF
from survey.store.people.audit import Did, first_broken, read_audit
from tests.browser.citizen import Citizen
from tests.browser.staff import choose, press, rests
from tests.builders import content, rows, yaml_of
from tests.running import PASSWORD, RunningApp, running_app

pytestmark = pytest.mark.browser
PATIENCE = 60_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("story") / "data") as running:
        yield running


class Clerk:
    """Somebody at the office's computer, with a browser and nothing else."""

    def __init__(self, page: Page, app: RunningApp) -> None:
        self.page, self.app = page, app

    def go(self, screen: str) -> None:
        """Choose a screen in the navigation."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=screen, exact=True).click()
        expect(self.main.get_by_role("heading", level=1, name=screen)).to_be_visible(timeout=PATIENCE)

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    def type(self, label: str, words: str, within: Locator | None = None) -> None:
        field = (within or self.main).get_by_label(label, exact=True)
        field.fill(words, timeout=PATIENCE)
        field.press("Tab")

    def press(self, words: str, within: Locator | None = None) -> None:
        press((within or self.main).get_by_role("button", name=words, exact=True))

    def reads(self, words: str | re.Pattern[str]) -> None:
        """The words are there, and the screen has come to rest: until then the former one stands below."""
        expect(self.main.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
        rests(self.page)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), (11, 92, 122)).save(drawn, "PNG")
    return drawn.getvalue()


def test_a_clerk_sets_up_the_office_asks_a_citizen_and_deletes_on_request(
    browser: Browser, app: RunningApp, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="id-ID")
    clerk = Clerk(page, app)
    become_administrator(clerk)
    name_the_office(clerk)
    add_a_unit_with_a_service(clerk)
    publish_a_questionnaire(clerk, tmp_path)
    make_and_open_a_survey(clerk)
    receipt = answer_on_a_phone(browser, app)
    see_it_on_the_dashboard(clerk)
    delete_it(clerk, receipt)
    back_up(clerk)
    with app.store() as store:
        assert rows(store) == [] and len(rows(store, "SELECT * FROM tombstone")) == 1
        did = [entry.did for entry in reversed(read_audit(store, LOCAL_STAFF)) if entry.who == "ina"]
        assert first_broken(store, LOCAL_STAFF) is None
    wanted = [
        Did.AGENCY_CHANGED,
        Did.UNIT_CHANGED,
        Did.SERVICE_CHANGED,
        Did.DRAFT_KEPT,
        Did.QUESTIONNAIRE_PUBLISHED,
        Did.SURVEY_MADE,
        *[Did.SURVEY_CHANGED] * 4,
        Did.RESPONSE_DELETED,
    ]
    assert [one for one in did if one in wanted] == wanted
    page.close()


def become_administrator(clerk: Clerk) -> None:
    page = clerk.page
    page.goto(f"{clerk.app.url}/home")
    clerk.main.locator("a[href^='/set-up']").click(timeout=PATIENCE)
    page.locator("input[name=label]").fill("Ina Tes")
    page.locator("input[name=name]").fill("ina")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda address: "/set-up" not in address, timeout=PATIENCE)
    page.goto(f"{clerk.app.url}/home")
    expect(clerk.main.get_by_role("heading", level=1, name="Beranda")).to_be_visible(timeout=PATIENCE)


def name_the_office(clerk: Clerk) -> None:
    clerk.go("Kantor")
    clerk.type("Nama kantor (Indonesia)", "Dinas Perizinan Kota")
    clerk.type("Nama kantor (Inggris)", "City licensing office")
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": picture()}
    clerk.main.locator("input[type=file]").set_input_files(file)
    clerk.reads("logo.png")
    clerk.press("Simpan")
    clerk.reads("Perubahan tersimpan")


def add_a_unit_with_a_service(clerk: Clerk) -> None:
    clerk.go("Unit dan layanan")
    clerk.press("Tambah unit")
    clerk.type("Nama (Indonesia)", "Loket baru", clerk.dialog)
    clerk.type("Nama (Inggris)", "New counter", clerk.dialog)
    clerk.press("Tambahkan", clerk.dialog)
    expect(clerk.main.get_by_role("heading", name="Loket baru")).to_be_visible(timeout=PATIENCE)
    clerk.reads(re.compile("pilih unit ini di Mengatur survei"))
    expect(clerk.dialog).to_have_count(0)
    press(clerk.main.get_by_role("button", name="Tambah layanan", exact=True).last)
    clerk.type("Nama (Indonesia)", "Izin keramaian", clerk.dialog)
    clerk.type("Nama (Inggris)", "Event permit", clerk.dialog)
    clerk.press("Tambahkan", clerk.dialog)
    clerk.reads("Izin keramaian · 0 jawaban")
    expect(clerk.dialog).to_have_count(0)
    press(clerk.main.get_by_role("button", name="Ubah", exact=True).nth(-2))
    expect(clerk.dialog.get_by_role("button", name="Hapus unit dan 1 layanannya")).to_be_visible(timeout=PATIENCE)
    clerk.page.keyboard.press("Escape")
    expect(clerk.dialog).to_have_count(0)


def publish_a_questionnaire(clerk: Clerk, folder: Path) -> None:
    clerk.go("Kuesioner")
    bring(clerk, folder / "keliru.yaml", content("time", name="kilat", minutes=0))
    clerk.reads(re.compile(r"keliru\.yaml, baris \d+, minutes"))
    bring(clerk, folder / "kilat.yaml", content("time", name="kilat"))
    clerk.reads("Berkasnya terbaca")
    expect(clerk.main.get_by_role("button", name="Terbitkan versi 1")).to_be_visible(
        timeout=PATIENCE
    )  # below its preview
    look_at_the_preview(clerk)
    clerk.press("Terbitkan versi 1")
    clerk.reads("“kilat” terbit")


def bring(clerk: Clerk, file: Path, made: dict[str, object]) -> None:
    file.write_text(yaml_of(made), encoding="utf-8")
    clerk.main.locator("input[type=file]").set_input_files(file)
    expect(clerk.main.get_by_role("alert")).to_have_count(0, timeout=PATIENCE)
    clerk.press("Periksa berkas ini")


def look_at_the_preview(clerk: Clerk) -> None:
    """The form as a citizen sees it: its last button says that nothing is sent, and nothing is."""
    posted: list[str] = []
    clerk.page.on("request", lambda request: posted.append(request.url) if "/api/responses" in request.url else None)
    clerk.main.get_by_text("Lihat seperti warga", exact=True).last.click()
    citizen = Citizen(clerk.page)
    form = citizen.form
    expect(citizen.heading).to_be_visible(timeout=PATIENCE)
    citizen.press_button("Mulai")
    citizen.press_button("Lanjut")
    citizen.touch("label 3 (id)")
    citizen.button("Kirim jawaban").click()
    expect(form.get_by_text("tidak ada yang dikirim")).to_be_visible()
    expect(form).to_have_attribute("data-screen", "send")
    assert posted == []
    clerk.main.get_by_text("Lihat seperti warga", exact=True).last.click()
    expect(form).to_have_count(0, timeout=PATIENCE)


def make_and_open_a_survey(clerk: Clerk) -> None:
    clerk.go("Mengatur survei")
    clerk.press("Survei baru")
    clerk.type("Nama dalam alamat", "kilat-2027", clerk.dialog)
    clerk.type("Judul (Indonesia)", "Survei kilat", clerk.dialog)
    clerk.type("Judul (Inggris)", "Quick survey", clerk.dialog)
    choose(clerk.dialog.get_by_role("combobox").first, re.compile("kilat"))
    clerk.press("Buat sebagai rancangan", clerk.dialog)
    clerk.reads("Survei “kilat-2027” dibuat sebagai rancangan")
    title = clerk.main.get_by_label("Judul (Indonesia)", exact=True)
    expect(title).to_have_value("Survei kilat", timeout=PATIENCE)
    clerk.main.get_by_role("tab", name="Aturan dan jam").click()
    clerk.type("Rabu", "pagi sampai sore")
    clerk.reads(re.compile("Jam buka Rabu .* tidak terbaca"))
    clerk.type("Rabu", "")
    clerk.main.get_by_role("tab", name="Sasaran").click()
    clerk.type("Warga yang dilayani dalam masa ini", "4600")
    clerk.reads(re.compile("Dari 4.600 warga: 355 responden"))
    clerk.reads(re.compile("Ada perubahan yang belum disimpan"))
    expect(clerk.main.get_by_role("button", name="Buka survei")).to_be_disabled()
    clerk.press("Simpan perubahan")
    clerk.reads("Perubahan tersimpan dan dicatat; jawaban")
    clerk.press("Buka survei")
    clerk.reads("Survei dibuka")
    clerk.press("Kembalikan menjadi rancangan")
    clerk.reads("Survei kembali menjadi rancangan")
    clerk.press("Buka survei")
    clerk.reads("Survei dibuka")


def answer_on_a_phone(browser: Browser, app: RunningApp) -> str:
    context = browser.new_context(viewport={"width": 412, "height": 915}, locale="id-ID")
    citizen = Citizen(context.new_page()).visit(f"{app.url}/s/kilat-2027")
    assert "Dinas Perizinan Kota" in citizen.text
    citizen.press_button("Mulai")
    citizen.touch("Izin keramaian") if citizen.kind == "service" else None
    while citizen.kind != "send":
        citizen.answer_all(lambda _: 4)
    citizen.send()
    receipt = citizen.receipt
    context.close()
    return receipt


def see_it_on_the_dashboard(clerk: Clerk) -> None:
    clerk.go("Beranda")
    clerk.reads("1 dari 357 jawaban (0 %).")
    clerk.page.goto(f"{clerk.app.url}/results?survey=kilat-2027")
    expect(clerk.main.get_by_role("heading", level=1)).to_contain_text("1", timeout=PATIENCE)


def delete_it(clerk: Clerk, receipt: str) -> None:
    clerk.go("Penghapusan data")
    choose(clerk.main.get_by_role("combobox").first, re.compile("kilat-2027"))
    clerk.type("Kode tanda terima", f"{receipt[:4]} {receipt[4:]}".lower())
    clerk.reads(re.compile("Ditemukan: .*Izin keramaian"))
    clerk.type("Alasan (masuk Catatan kegiatan)", "Diminta oleh pengisi di loket")
    clerk.press("Hapus jawaban")
    clerk.reads("Centang kotaknya dahulu")
    clerk.main.get_by_text("Ya, hapus jawaban ini untuk selamanya").click()
    clerk.press("Hapus jawaban")
    clerk.reads("Jawaban dihapus.")
    clerk.reads(re.compile("satu jawaban survei “Survei kilat"))


def back_up(clerk: Clerk) -> None:
    clerk.go("Cadangan")
    clerk.press("Buat cadangan sekarang")
    clerk.reads("Cadangan dibuat dan diperiksa.")
    clerk.press("Latih pemulihan")
    clerk.reads("Latihan berhasil")
