"""`python -m runner.predict`: what a trained network makes of the user's own pictures."""
