"""A run: training and evaluation for each seed, shown and recorded."""
