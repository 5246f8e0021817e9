"""Does the administrator see how the system is, make a backup and rehearse a restore without a terminal?"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from survey.store.safety.backup import list_backups
from tests.browser.staff import gate, press, sign_in
from tests.builders import respond
from tests.running import RunningApp, running_app

pytestmark = pytest.mark.browser


def test_the_administrator_makes_a_backup_and_rehearses_a_restore(office: BrowserContext, tmp_path: Path) -> None:
    with running_app(tmp_path / "data") as app:
        with app.store() as store:
            for number in (1, 2, 4):
                given = {"station": "loket-1", "channel": "kiosk", "epoch": "6f7d6b80-1111-4222-8333-444455556666"}
                respond(store, sequence=number, time=4, **given)
        page = sign_in(office.new_page(), app, "/health")
        expect(page.get_by_text("Belum ada cadangan.", exact=False)).to_be_visible(timeout=20_000)
        expect(page.get_by_text("Loket 1: 1 jawaban belum tiba (nomor 3).", exact=False)).to_be_visible()
        press(page.get_by_role("button", name="Buat cadangan sekarang"))
        expect(page.get_by_text(re.compile("Cadangan dibuat dan diperiksa: 3 jawaban"))).to_be_visible(timeout=20_000)
        expect(page.get_by_text(re.compile("Cadangan terakhir yang diperiksa: baru saja"))).to_be_visible()
        press(page.get_by_role("button", name="Latih pemulihan"))
        expect(page.get_by_text(re.compile("Latihan berhasil: 3 jawaban kembali utuh"))).to_be_visible(timeout=20_000)
        assert [made.manifest.responses for made in list_backups(app.data / "backups")] == [3]


def test_a_visitor_sees_nothing_of_it(server: RunningApp, kiosk: BrowserContext) -> None:
    page = kiosk.new_page()
    page.goto(f"{server.url}/health?lang=en")
    expect(gate(page)).to_be_visible(timeout=20_000)
    assert page.get_by_text("System health").count() == 0 and page.get_by_text("backup").count() == 0
