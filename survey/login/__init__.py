"""How do the staff come in and go out? Light pages of our own: only a real answer can set an HttpOnly cookie."""
