"""Backups, their restoring, and whether everything that was stored is still there."""
