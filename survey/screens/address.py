"""Under which address do other devices reach this app?"""

from urllib.parse import urlsplit

import streamlit as st

from survey.certificate import own_names
from survey.poster import LOCAL


def likely_address() -> str:
    """Where this visitor has reached the app, but never by a name that only this computer has."""
    here = urlsplit(st.context.url or "http://localhost:8501")
    if here.hostname not in LOCAL:
        return f"{here.scheme}://{here.netloc}"
    names = own_names()
    port = f":{here.port}" if here.port else ""
    return f"{here.scheme}://{names[0] if names else 'localhost'}{port}"
