"""Figures of a finished run: each is a function of a `FinishedRun` that returns what is drawn."""
