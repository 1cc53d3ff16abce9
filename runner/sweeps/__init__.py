"""Sweeps: many jobs that can be left alone over night, and are gone on with when started again."""
