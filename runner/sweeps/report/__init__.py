"""The report of a sweep, comparisons of runs, and ensembles of them."""
