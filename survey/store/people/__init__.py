"""The staff and their programs: who each is, what they may, and what they did."""
