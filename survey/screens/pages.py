"""What is a screen of the staff: under which address, and who sees it in the navigation?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from survey.principal import Permission, Principal
from survey.words import Words


@dataclass(frozen=True)
class StaffPage:
    """A screen of the staff. Its module is imported when somebody opens it; each asks for the principal itself.

    ``module`` has a function ``show``; ``title`` and ``section`` are keys of the words. The section is the group of the
    navigation that it stands in; empty is above all groups.
    """

    address: str
    module: str
    title: str
    permission: Permission
    section: str = ""

    def is_for(self, principal: Principal | None) -> bool:
        """Whether it stands in somebody's navigation. Before anybody is known, every address leads to the login."""
        return principal is None or principal.may(self.permission)

    def for_streamlit(self, words: Words, *, listed: bool = True) -> StreamlitPage:
        """The page as Streamlit's navigation wants it; one that is not ``listed`` still answers at its address."""
        visibility: Literal["visible", "hidden"] = "visible" if listed else "hidden"
        return st.Page(self._show(), title=words(self.title), url_path=self.address, visibility=visibility)

    def _show(self) -> Callable[[], None]:
        def show() -> None:
            import_module(self.module).show()

        return show


def in_sections(
    pages: Iterable[StaffPage], principal: Principal | None, words: Words, *first: StreamlitPage
) -> dict[str, list[StreamlitPage]]:
    """The navigation: pages by the words of their section, in the order in which sections come up.

    A page that is not for the principal is not listed; at its address it says so, where Streamlit knew no such page.
    """
    sections: dict[str, list[StreamlitPage]] = {"": list(first)}
    for page in pages:
        listed = page.is_for(principal)
        said = words(page.section) if page.section and listed else ""
        sections.setdefault(said, []).append(page.for_streamlit(words, listed=listed))
    return sections


def link_to(address: str, label: str) -> None:
    """A link to another screen of the staff, in the same session."""
    st.page_link(st.Page(lambda: None, title=label, url_path=address), label=label, icon=":material/arrow_forward:")
