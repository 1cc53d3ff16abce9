"""Classical baselines of scikit-learn on the features of one layer of a network."""
