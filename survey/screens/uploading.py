"""How does somebody hand over a file, with every word in their own language?"""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from survey.screens.own_html import reword_upload
from survey.words import Words


def handed_over(
    label: str, *, types: Sequence[str], key: str, words: Words, megabytes: int | None = None, help: str | None = None
) -> UploadedFile | None:
    """The file that was chosen, None as long as there is none. The label says what may be brought, and how large.

    megabytes: the largest there may be, where it is less than the app allows anyway. help: a sentence behind the
    question mark.
    """
    reword_upload(key, words("frame.choose_file"))
    return st.file_uploader(label, type=list(types), key=key, max_upload_size=megabytes, help=help)
