"""texts: the full evaluation in lines for reading."""
