"""Evaluation of trained networks: predictions, metrics, ensembles, and baselines beside them."""
