"""Classical baselines of scikit-learn, on features that one layer of a network computes."""
