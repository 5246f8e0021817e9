"""Does a phone that scans the poster come to the right survey with the right service, and may it choose another?"""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.citizen import Citizen
from tests.browser.offline import kept_for_offline
from tests.browser.staff import choose, press, sign_in
from tests.builders import rows
from tests.running import RunningApp
from tests.test_poster import codes_in

pytestmark = pytest.mark.browser
NIB, PERMIT = "Nomor Induk Berusaha (NIB)", "Izin usaha"


def services_stored(app: RunningApp) -> list[str | None]:
    query = (
        "SELECT service.name FROM response LEFT JOIN service ON service.number = response.service "
        "JOIN survey ON survey.number = response.survey WHERE survey.name = 'skm' ORDER BY response.number DESC"
    )
    with app.store() as store:
        return [name for (name,) in rows(store, query)]


@pytest.mark.parametrize("door", ["/s/skm?", "/?survey=skm&"])
def test_the_posters_service_is_chosen_already(server: RunningApp, phone: BrowserContext, door: str) -> None:
    citizen = Citizen(phone.new_page()).visit(f"{server.url}{door}service=nib")
    citizen.start()
    assert citizen.kind == "service" and citizen.chosen == NIB
    expect(citizen.answer(PERMIT)).to_be_visible()


def test_the_service_on_the_poster_is_the_one_that_is_stored(server: RunningApp, phone: BrowserContext) -> None:
    citizen = Citizen(phone.new_page()).visit(f"{server.url}/s/skm?service=nib")
    citizen.start()
    citizen.press_button("Lanjut")
    citizen.answer_all(lambda _: 3)
    citizen.send()
    assert citizen.receipt
    assert services_stored(server)[0] == "nib"


def test_a_second_citizen_on_the_same_phone_finds_it_chosen_again(server: RunningApp, phone: BrowserContext) -> None:
    citizen = Citizen(phone.new_page()).visit(f"{server.url}/s/skm?service=nib")
    citizen.start()
    citizen.touch(PERMIT)
    citizen.button("Mulai dari awal").click()
    citizen.button("Hapus jawaban").click()
    citizen.start()
    assert citizen.chosen == NIB


def test_what_was_begun_at_another_poster_is_not_gone_on_with(server: RunningApp, phone: BrowserContext) -> None:
    """Its answers were about another service. A reload at the same poster goes on."""
    page = phone.new_page()
    citizen = Citizen(page).visit(f"{server.url}/s/skm?service=nib")
    citizen.start()
    page.reload()
    expect(citizen.form.get_by_text("Melanjutkan jawaban Anda tadi.")).to_be_visible()
    citizen.visit(f"{server.url}/s/skm?service=izin-usaha")
    assert citizen.kind == "notice"
    citizen.start()
    assert citizen.chosen == PERMIT


def test_a_poster_of_a_unit_offers_its_services_only(server: RunningApp, phone: BrowserContext) -> None:
    citizen = Citizen(phone.new_page()).visit(f"{server.url}/s/skm?unit=bangunan")
    citizen.start()
    expect(citizen.form.get_by_role("radio")).to_have_count(3)  # two services, and another one
    assert citizen.chosen is None


def test_a_service_that_is_not_there_is_asked_as_ever(server: RunningApp, phone: BrowserContext) -> None:
    citizen = Citizen(phone.new_page()).visit(f"{server.url}/s/skm?service=paspor&unit=%3Cb%3E")
    citizen.start()
    assert citizen.kind == "service" and citizen.chosen is None
    expect(citizen.answer(NIB)).to_be_visible()


def test_each_poster_starts_without_network_as_itself(server: RunningApp, phone: BrowserContext) -> None:
    for service in ("nib", "izin-usaha"):
        page = phone.new_page()
        Citizen(page).visit(f"{server.url}/s/skm?service={service}")
        kept_for_offline(page)
        page.close()
    phone.set_offline(True)
    for service, words in (("nib", NIB), ("izin-usaha", PERMIT)):
        citizen = Citizen(phone.new_page()).visit(f"{server.url}/s/skm?service={service}")
        citizen.start()
        assert citizen.chosen == words
    phone.set_offline(False)


def test_the_staff_gets_the_poster_from_a_screen(server: RunningApp, office: BrowserContext) -> None:
    page = sign_in(office.new_page(), server, "/poster")
    expect(page.get_by_role("heading", name="Poster")).to_be_visible(timeout=30_000)
    address = page.get_by_role("textbox", name="Alamat aplikasi bagi ponsel")
    assert "localhost" not in address.input_value()
    address.fill("http://localhost:8501")
    address.press("Enter")
    expect(page.get_by_text("hanya ada di komputer ini sendiri")).to_be_visible(timeout=15_000)
    address.fill("http://192.168.1.10:8501")
    address.press("Enter")
    choose(page.get_by_role("combobox", name="Untuk"), "Izin usaha")
    says = "http://192.168.1.10:8501/s/skm?service=izin-usaha"
    expect(page.get_by_text(f"Poster dengan kode QR untuk {says}")).to_be_visible(timeout=15_000)
    with page.expect_download() as got:
        press(page.get_by_role("button", name="Unduh gambar PNG"))
    assert got.value.suggested_filename == "poster-skm-izin-usaha.png"
    assert codes_in(got.value.path().read_bytes()) == [says]
    with page.expect_download() as got:
        press(page.get_by_role("button", name="Unduh PDF untuk dicetak"))
    assert got.value.path().read_bytes().startswith(b"%PDF-")
