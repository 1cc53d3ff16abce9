"""The page to play with: a trained network looked at in a browser, as one draws."""
