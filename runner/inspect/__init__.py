"""`python -m runner.inspect`: figures of a network that is trained already."""
