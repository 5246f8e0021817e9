"""Which colours does everything we show have, in the form, on the staff's screens, in charts and on paper?

The one source. The form's style sheet, Streamlit's theme and the charts name the same colours in their own languages; a
test compares them with these, and computes their contrast (WCAG 2.2 AA: text 4.5:1, marks and borders of fields 3:1).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """One kind of paper: light, dark, or high contrast.

    ``sand`` is the ground of the form and ``paper`` what lies on it: cards, fields. ``sea`` is the one accent, and
    ``action`` the surface of a main button on the staff's screens, where Streamlit always writes white. ``deep``
    carries the thank-you, ``edge`` is the border of what can be touched, ``line`` of what cannot.
    """

    ink: str
    muted: str
    sea: str
    on_sea: str
    action: str
    link: str
    deep: str
    sand: str
    paper: str
    chosen: str
    line: str
    edge: str
    alarm: str
    focus: str


LIGHT = Colours(
    ink="#14242b",
    muted="#4d5f67",
    sea="#0b5c7a",
    on_sea="#ffffff",
    action="#0b5c7a",
    link="#083f54",
    deep="#083f54",
    sand="#f7f4ee",
    paper="#ffffff",
    chosen="#e6f2f6",
    line="#d5dcde",
    edge="#7b8f98",
    alarm="#9b3416",
    focus="#c07c00",
)
DARK = Colours(
    ink="#e9f0f2",
    muted="#b4c4ca",
    sea="#7cc8e2",
    on_sea="#06222d",
    action="#2a7f9e",
    link="#8fd0e6",
    deep="#083f54",
    sand="#10191d",
    paper="#1a262c",
    chosen="#17404f",
    line="#34474f",
    edge="#748a94",
    alarm="#ffb59a",
    focus="#c07c00",
)
HIGH = Colours(
    ink="#ffffff",
    muted="#ffffff",
    sea="#ffe14d",
    on_sea="#000000",
    action="#ffe14d",
    link="#ffe14d",
    deep="#000000",
    sand="#000000",
    paper="#000000",
    chosen="#3a3300",
    line="#999999",
    edge="#ffffff",
    alarm="#ffe14d",
    focus="#5ee0ff",
)
CLAY, OCHRE = "#b4532a", "#e0a83b"
"""With ``deep`` the three colours of the woven band."""
DIVERGING = ("#8c510a", "#d8b365", "#5ab4ac", "#01665e")
"""The scale of answers, brown to teal, the lowest first: told apart by colour-blind eyes too."""
FACES = ("#8c510a", "#8a681d", "#2d7f78", "#01665e")
"""The same scale for thin lines on paper."""
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
