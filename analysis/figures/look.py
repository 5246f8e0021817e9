"""Which colours, letters and lines do our charts use, on light and on dark paper?

The tokens are those of the form and of the Streamlit theme. Chart text keeps at least 4.5:1 against its paper, marks at
least 3:1; no chart relies on colour alone.
"""

from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go

from survey import look as tokens

FONT = tokens.FONT
DIVERGING = tokens.DIVERGING
"""Brown to teal, the lowest answer first: told apart by colour-blind eyes too."""
MIDDLE = "#e9e6df"
_WHITE, _BLACK = "#ffffff", "#000000"


@dataclass(frozen=True)
class Look:
    """The colours of one kind of paper. ``first`` draws what was found, ``second`` what it is compared with."""

    ink: str
    muted: str
    line: str
    track: str
    paper: str
    first: str
    second: str
    alert: str
    edge: str


LIGHT = Look(
    ink=tokens.LIGHT.ink,
    muted=tokens.LIGHT.muted,
    line=tokens.LIGHT.line,
    track="#eef2f3",
    paper=tokens.LIGHT.paper,
    first=tokens.LIGHT.sea,
    second=tokens.LIGHT.deep,
    alert=tokens.CLAY,
    edge=tokens.LIGHT.paper,
)
DARK = Look(
    ink=tokens.DARK.ink,
    muted=tokens.DARK.muted,
    line=tokens.DARK.line,
    track="#26353c",
    paper=tokens.DARK.sand,
    first=tokens.DARK.sea,
    second="#cfe6f0",
    alert="#ec9468",
    edge="#c9d4d8",
)


def look(dark: bool) -> Look:
    """The colours for dark or for light paper."""
    return DARK if dark else LIGHT


def scale_colours(points: int) -> tuple[str, ...]:
    """One colour per answer of a scale, the lowest first; an odd scale has a neutral middle.

    >>> scale_colours(4) == DIVERGING
    True
    >>> scale_colours(5)[2] == MIDDLE
    True
    """
    half = points // 2
    low = [_between(DIVERGING[0], DIVERGING[1], step, half) for step in range(half)]
    high = [_between(DIVERGING[3], DIVERGING[2], step, half) for step in range(half)]
    return (*low, *([MIDDLE] if points % 2 else []), *reversed(high))


def _between(start: str, end: str, step: int, steps: int) -> str:
    share = step / (steps - 1) if steps > 1 else 0.0
    pairs = [(int(start[at : at + 2], 16), int(end[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def ink_on(colour: str) -> str:
    """White or black, whichever is easier to read on ``colour``: always at least 4.58:1."""
    return _WHITE if contrast(_WHITE, colour) >= contrast(_BLACK, colour) else _BLACK


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` as WCAG 2.2 defines it, 0 (black) to 1 (white)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it, 1 to 21."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@cache
def template(dark: bool, language: str) -> go.layout.Template:
    """The Plotly template: quiet lines, system letters, numbers as the language writes them, nothing to drag."""
    ours = look(dark)
    axis = {
        "gridcolor": ours.line,
        "linecolor": ours.line,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12, "color": ours.muted},
        "ticks": "",
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": ours.ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "separators": ",." if language == "id" else ".,",
            "xaxis": axis,
            "yaxis": axis,
            "dragmode": False,
            "hovermode": "closest",
            "hoverlabel": {
                "font": {"family": FONT, "size": 13, "color": ours.ink},
                "bgcolor": ours.paper,
                "bordercolor": ours.muted,
                "align": "left",
            },
            "showlegend": False,
            "bargap": 0.5,
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "legend": {"font": {"size": 12.5, "color": ours.ink}, "itemclick": False, "itemdoubleclick": False},
        }
    )
