"""Classical baselines of scikit-learn, on what one layer of a network makes of the images."""
