"""Predictions of a trained network for the user's own inputs, and figures of the network."""
