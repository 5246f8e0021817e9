"""Kiosks, tablets and desks, and the citizens who stood before them."""
