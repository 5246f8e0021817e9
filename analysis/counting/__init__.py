"""COUNT: from packed answers to whole numbers that add up."""
