"""UNDERSTAND AND TELL: from packed answers to the index, the gaps, their uncertainty and the pictures."""
