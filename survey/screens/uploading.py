"""How does somebody hand over a file, with every word in their own language?"""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from survey.words import Words

_WORDED = """<style>
.st-key-{key} section button p {{ font-size: 0; }}
.st-key-{key} section button p::after {{ content: "{words}"; font-size: 0.9rem; }}
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
</style>"""
"""Streamlit says *Upload* and *5MB per file* in English whatever the language, and offers no other words. What may be
brought and how large it may be stands in the label."""


def handed_over(label: str, *, types: Sequence[str], key: str, words: Words) -> UploadedFile | None:
    """The file that was chosen, None as long as there is none. ``key`` stands in a style: letters, digits and -."""
    st.html(_WORDED.format(key=key, words=words("frame.choose_file")))
    return st.file_uploader(label, type=list(types), key=key)
