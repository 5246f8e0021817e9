"""Answers that were gathered elsewhere: in a file of the office's own, or on paper."""
