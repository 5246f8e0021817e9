"""Files that come in: CSV and Excel, their headings and their cells."""
