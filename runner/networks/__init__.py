"""Trained networks: finding the one that somebody means, and loading it safely."""
