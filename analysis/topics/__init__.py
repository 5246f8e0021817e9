"""The statistics of the full evaluation, one module for each topic."""
