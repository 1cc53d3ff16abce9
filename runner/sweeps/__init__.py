"""Sweeps: many jobs, which run unattended and are resumed when the sweep is started again."""
