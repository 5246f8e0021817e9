"""FILES: answers from a CSV file, and data sets to take away."""
