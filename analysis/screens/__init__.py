"""Streamlit screens of understanding and telling: dashboard and data take-away. They ask and show, compute nothing."""
