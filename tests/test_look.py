"""Do the form, Streamlit's theme, the charts and the posters wear the same colours, and can they all be read?"""

import re
import tomllib
from dataclasses import asdict
from typing import Any

import pytest

from analysis.figures import look as charts
from analysis.figures.look import contrast
from survey import look
from survey.look import DARK, HIGH, LIGHT, Colours
from survey.settings import ROOT

FORM = (ROOT / "survey" / "form" / "form.css").read_text(encoding="utf-8")
THEME: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
HEX = re.compile(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b")
PAPERS = pytest.mark.parametrize("colours", [LIGHT, DARK, HIGH], ids=["light", "dark", "high"])


def whole(colour: str) -> str:
    """``#fff`` as ``#ffffff``."""
    return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour


def properties(css: str) -> dict[str, str]:
    return {name.replace("-", "_"): whole(value) for name, value in re.findall(r"--([a-z0-9-]+): (#\w+);", css)}


def tokens_of_the_form() -> dict[str, dict[str, str]]:
    """The custom properties of each paper; dark and high contrast only say what differs from light."""
    light, dark, high = re.findall(r"\.survey(?:\[data-contrast='high'\])? \{\s*(--[^}]*)\}", FORM)
    base = properties(light)
    return {"light": base, "dark": base | properties(dark), "high": base | properties(high)}


@pytest.mark.parametrize("paper", ["light", "dark", "high"])
def test_the_form_wears_the_colours_of_the_one_source(paper: str) -> None:
    ours = asdict({"light": LIGHT, "dark": DARK, "high": HIGH}[paper])
    form = tokens_of_the_form()[paper]
    only_on_staff_screens = {"action", "link"}
    assert {name: form[name] for name in ours.keys() - only_on_staff_screens} == {
        name: colour for name, colour in ours.items() if name not in only_on_staff_screens
    }
    assert (form["clay"], form["ochre"]) == (look.CLAY, look.OCHRE)
    assert tuple(form[f"tint{step}"] for step in range(1, 5)) == look.FACES


@pytest.mark.parametrize(
    ("theme", "colours", "ground", "raised"),
    [("light", LIGHT, LIGHT.paper, LIGHT.sand), ("dark", DARK, DARK.sand, DARK.paper)],
)
def test_streamlit_wears_the_colours_of_the_one_source(theme: str, colours: Colours, ground: str, raised: str) -> None:
    """The staff's screens lie on white by day; by night on the darker of the two grounds."""
    said = {name: value for name, value in THEME[theme].items() if name != "sidebar"}
    assert said == {
        "primaryColor": colours.action,
        "backgroundColor": ground,
        "secondaryBackgroundColor": raised,
        "textColor": colours.ink,
        "borderColor": colours.line,
        "linkColor": colours.link,
        "grayTextColor": colours.muted,
    }
    assert THEME[theme]["sidebar"] == {"backgroundColor": raised, "secondaryBackgroundColor": ground}
    assert THEME["font"] == look.FONT


def test_the_charts_wear_the_colours_of_the_one_source() -> None:
    for ours, colours, ground in ((charts.LIGHT, LIGHT, LIGHT.paper), (charts.DARK, DARK, DARK.sand)):
        worn = (ours.ink, ours.muted, ours.line, ours.first, ours.paper)
        assert worn == (colours.ink, colours.muted, colours.line, colours.sea, ground)
    assert charts.DIVERGING == look.DIVERGING and charts.FONT == look.FONT


@pytest.mark.parametrize(
    "file",
    [
        "survey/form/invitation.css",
        "survey/form/scales.css",
        "survey/login/login.css",
        "survey/screens/staff.css",
        "analysis/screens/style.css",
    ],
)
def test_no_other_style_sheet_names_a_colour_of_its_own(file: str) -> None:
    known = {look.CLAY, look.OCHRE, *look.DIVERGING, *look.FACES}
    for colours in (LIGHT, DARK, HIGH):
        known |= set(asdict(colours).values())
    css = (ROOT / file).read_text(encoding="utf-8")
    assert {whole(colour) for colour in HEX.findall(css)} - known == set()


# --- contrast, as WCAG 2.2 computes it


@PAPERS
def test_text_can_be_read_on_every_ground_it_stands_on(colours: Colours) -> None:
    pairs = [
        *((text, ground) for text in (colours.ink, colours.muted, colours.alarm, colours.sea, colours.link)
          for ground in (colours.sand, colours.paper)),
        (colours.ink, colours.chosen),
        (colours.sea, colours.chosen),
        (colours.on_sea, colours.sea),
        ("#ffffff", colours.deep),
    ]  # fmt: skip
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_white_that_streamlit_writes_on_a_main_button_can_be_read(colours: Colours) -> None:
    assert contrast("#ffffff", colours.action) >= 4.5


@PAPERS
def test_what_can_be_touched_stands_out_from_its_ground(colours: Colours) -> None:
    pairs = [(mark, ground) for mark in (colours.edge, colours.sea) for ground in (colours.sand, colours.paper)]
    pairs += [(colours.focus, colours.sand), (colours.focus, colours.paper), (colours.action, colours.paper)]
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 3} == {}
