"""Inputs of a trained network from the user: pictures, arrays and tables."""
