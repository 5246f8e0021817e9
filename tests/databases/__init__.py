"""Databases of every revision, with answers in them."""
