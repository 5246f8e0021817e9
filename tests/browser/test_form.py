"""Can every citizen answer, with keys or a finger, in either door, and does exactly what they answered arrive?"""

import json
from struct import unpack

import pytest
from playwright.sync_api import BrowserContext, expect

from survey.principal import LOCAL_STAFF
from survey.store.answers.responses import read_responses
from tests.browser.citizen import Citizen, address, answers_of, arrived
from tests.builders import rows, shipped, survey_called
from tests.running import RunningApp

pytestmark = pytest.mark.browser
DOORS = ["light", "streamlit"]


@pytest.mark.parametrize("door", DOORS)
def test_a_whole_survey_by_keyboard_alone_is_stored_as_the_keys_said(
    server: RunningApp, kiosk: BrowserContext, door: str
) -> None:
    """Every item gets another code than its neighbour; the row in the database has the same."""
    before = len(answers_of(server, "skm"))
    columns = [column.name for column in shipped().columns]
    wanted = {name: 1 + position % 4 for position, name in enumerate(columns)}
    others = {"service": 2, "sex": 2, "age": 6, "education": 7, "occupation": 3}
    citizen = Citizen(kiosk.new_page()).visit(address(server, door))
    citizen.start()
    citizen.answer_all(lambda name: (wanted | others)[name], comment="Terima kasih, petugasnya ramah.")
    citizen.send()
    assert len(citizen.receipt) == 8
    answers = answers_of(server, "skm")
    assert len(answers) == before + 1
    assert answers[-1] == wanted
    with server.store() as store:
        survey = survey_called(store, "skm")
        packed = read_responses(store, LOCAL_STAFF, survey)
        service = next(one for one in survey.services if one.number == packed.service[-1])
        row = rows(store, "SELECT timings, started_at, submitted_at FROM response ORDER BY number DESC LIMIT 1")[0]
        comment = rows(store, "SELECT text FROM comment ORDER BY response DESC LIMIT 1")[0][0]
    assert packed.profile[-1].tolist() == [2, 6, 0, 3], "the seventh choice of education is: rather not say"
    assert service.name == "izin-usaha"
    assert comment == "Terima kasih, petugasnya ramah."
    assert all(0 < tenths < 300 for tenths in unpack(f"<{len(columns)}H", row[0])), "each item was on the screen"
    assert citizen.seen.count("item") == len(columns)


def test_a_finger_moves_on_by_itself_and_kembali_takes_it_back(server: RunningApp, phone: BrowserContext) -> None:
    """Seven points are numbered and worded at the ends and the middle; the points shared arrive as points + 1."""
    before = answers_of(server, "trial")
    citizen = Citizen(phone.new_page()).visit(address(server, "light", "trial"))
    citizen.press_button("Mulai")
    assert citizen.kind == "intro"
    citizen.press_button("Lanjut")
    citizen.touch("label 2 (id)")
    assert citizen.question == "How was the staff? (id)"
    citizen.press_button("Kembali")
    assert citizen.chosen == "label 2 (id)"
    citizen.touch("label 3 (id)")
    assert [words for words in citizen.form.locator(".words").all_inner_texts() if words] == [
        "label 1 (id)",
        "label 4 (id)",
        "label 7 (id)",
    ]
    citizen.touch("6")
    assert citizen.kind == "points"
    citizen.form.get_by_label("One (id)", exact=True).fill("70")
    citizen.button("Lanjut").click()
    expect(citizen.form.get_by_role("alert")).to_contain_text("Jumlahnya belum 100")
    for _ in range(6):
        citizen.button("Two (id): tambah 5").click()
    expect(citizen.form.get_by_text("Sisa 0 poin.")).to_be_visible()
    citizen.press_button("Lanjut")
    assert citizen.kind == "send"
    citizen.button("Kirim jawaban").dblclick()
    expect(citizen.form).to_have_attribute("data-screen", "thanks")
    assert arrived(server, "trial", len(before) + 1), "a double tap sends once"
    assert answers_of(server, "trial")[-1] == {"P_time": 3, "P_staff": 6, "W_one": 71, "W_two": 31}


def test_nothing_is_skipped_by_accident_and_everything_may_be_skipped_on_purpose(
    server: RunningApp, kiosk: BrowserContext
) -> None:
    """The first Lanjut without an answer says so and offers to skip; what is skipped is stored as not answered."""
    citizen = Citizen(kiosk.new_page()).visit(address(server, "light", "trial"))
    citizen.start()
    citizen.go_on()
    item = citizen.question
    citizen.button("Lanjut").click()
    expect(citizen.form.get_by_role("alert")).to_have_text("Belum ada jawaban. Pilih satu, atau lewati.")
    assert citizen.question == item
    assert citizen.page.evaluate("document.activeElement.type") == "radio", "the focus is where the answer is given"
    citizen.press("Space")
    expect(citizen.form.get_by_role("alert")).to_have_text("")
    expect(citizen.button("Lewati")).to_have_count(0)
    citizen.go_on()
    citizen.button("Lanjut").click()
    citizen.press_button("Lewati")
    citizen.button("Lanjut").click()
    citizen.press_button("Lewati")
    citizen.send()
    assert citizen.receipt
    assert answers_of(server, "trial")[-1] == {"P_time": 1}


@pytest.mark.parametrize("door", DOORS)
def test_language_text_size_and_contrast_change_at_any_moment_and_every_answer_stays(
    server: RunningApp, kiosk: BrowserContext, door: str
) -> None:
    page = kiosk.new_page()
    citizen = Citizen(page).visit(address(server, door))
    citizen.start()
    citizen.touch("Izin reklame")
    citizen.touch("Perempuan")
    citizen.choose(2)
    citizen.button("English").click()
    assert citizen.question == "How old are you?"
    assert citizen.chosen == "20 to 29"
    assert citizen.form.get_attribute("lang") == "en"
    if door == "light":
        assert page.locator("html").get_attribute("lang") == "en"
    size = citizen.heading.evaluate("node => getComputedStyle(node).fontSize")
    citizen.button("A+ Text size").click()
    assert citizen.heading.evaluate("node => getComputedStyle(node).fontSize") > size
    citizen.button("◐ Contrast").click()
    assert citizen.chosen == "20 to 29"
    citizen.press_button("Back")
    assert citizen.chosen == "Female"
    citizen.press_button("Back")
    assert citizen.chosen == "Advertising permit"


def test_an_own_phone_goes_on_after_a_reload_where_it_stopped(server: RunningApp, phone: BrowserContext) -> None:
    before = len(answers_of(server, "skm"))
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light"))
    citizen.start()
    citizen.button("English").click()
    while citizen.kind != "item":
        citizen.press_button("Next")
    citizen.touch("Suitable")
    citizen.choose(4)
    asked = citizen.question
    page.reload()
    expect(citizen.heading).to_have_text(asked)
    expect(citizen.form.get_by_text("Going on with your earlier answers.")).to_be_visible()
    assert citizen.chosen == "Very easy"
    citizen.press_button("Back")
    assert citizen.chosen == "Suitable"
    # Answers to other questions than those asked now are no draft.
    draft = json.loads(page.evaluate("localStorage['survey-draft:skm']")) | {"digest": "another"}
    page.evaluate("(draft) => (localStorage['survey-draft:skm'] = draft)", json.dumps(draft))
    page.reload()
    expect(citizen.heading).to_have_text("Community satisfaction survey")
    page.wait_for_timeout(300)
    assert citizen.kind == "notice"
    assert len(answers_of(server, "skm")) == before


def test_a_draft_is_forgotten_when_it_is_sent_and_after_a_day(server: RunningApp, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen = Citizen(page).visit(address(server, "light", "brief"))
    citizen.answer_brief()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []
    citizen.press_button("Isi lagi untuk layanan lain")
    citizen.start()
    draft = json.loads(page.evaluate("localStorage['survey-draft:brief']"))
    draft["saved"] -= 25 * 60 * 60 * 1000
    page.evaluate("(draft) => (localStorage['survey-draft:brief'] = draft)", json.dumps(draft))
    page.reload()
    page.wait_for_timeout(300)
    assert citizen.kind == "notice"
