"""THE STATISTICS: small pure functions of arrays, each with its formula and its source."""
