"""Streamlit screens of asking and keeping: the survey door and the code for the staff."""
