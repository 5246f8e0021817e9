"""Forms on paper: printed, keyed, keyed again."""
