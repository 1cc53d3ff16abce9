"""Training: fits a network on training images; never receives the test split."""
