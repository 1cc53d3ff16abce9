"""Timings of the runner beside its peers; see README.md."""
