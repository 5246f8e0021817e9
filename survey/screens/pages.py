"""What is a screen of the staff: under which address, and who sees it in the navigation?"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from survey.principal import Permission, Principal
from survey.words import Words


@dataclass(frozen=True)
class StaffPage:
    """A screen of the staff. Its module is imported when somebody opens it; each asks for the principal itself.

    ``module`` has a function ``show``; ``title`` is a key of the words.
    """

    address: str
    module: str
    title: str
    permission: Permission

    def is_for(self, principal: Principal | None) -> bool:
        """Whether it stands in somebody's navigation. Before anybody is known, every address leads to the login."""
        return principal is None or principal.may(self.permission)

    def for_streamlit(self, words: Words) -> StreamlitPage:
        """The page as Streamlit's navigation wants it."""
        return st.Page(self._show(), title=words(self.title), url_path=self.address)

    def _show(self) -> Callable[[], None]:
        def show() -> None:
            import_module(self.module).show()

        return show
