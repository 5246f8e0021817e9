"""How Streamlit's own page is served: lean, in Indonesian, and speaking of nothing that is switched off."""

from pathlib import Path

import streamlit
from starlette.testclient import TestClient

from survey.screens.serving import own_front_page

PAGE = Path(streamlit.__file__).parent / "static" / "index.html"


def test_the_page_asks_for_no_font_that_the_theme_does_not_use() -> None:
    """The font is 170 kB that do not compress; the page of the pinned version still asks for it."""
    html = PAGE.read_text(encoding="utf-8")
    assert 'as="font"' in html
    assert 'as="font"' not in own_front_page(html)


def test_every_script_and_style_of_the_page_is_kept() -> None:
    html = PAGE.read_text(encoding="utf-8")
    ours = own_front_page(html)
    assert ours.count("./static/js/") == html.count("./static/js/") > 0
    assert ours.count("./static/css/") == html.count("./static/css/") > 0


def test_the_page_says_that_it_is_indonesian() -> None:
    html = PAGE.read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert '<html lang="id">' in own_front_page(html)


def test_without_scripts_a_visitor_reads_what_to_do_in_both_languages() -> None:
    ours = own_front_page(PAGE.read_text(encoding="utf-8"))
    assert "mintalah formulir kertas" in ours and "ask the staff for a paper form" in ours
    assert "agent" not in ours


def test_every_page_address_is_served_so_whole_and_compressed() -> None:
    """The middleware stands around a page of the same shape as Streamlit's; the browser tests use the real one."""
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    from survey.screens.serving import MIDDLEWARE

    html = PAGE.read_text(encoding="utf-8")
    around = Starlette(routes=[Route("/{path:path}", lambda request: HTMLResponse(html))], middleware=MIDDLEWARE)
    with TestClient(around) as client:
        for address in ("/", "/results"):
            answer = client.get(address)
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.text == own_front_page(html)
        assert client.get("/static/x").text == html
