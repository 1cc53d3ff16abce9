"""Config-driven experiments in image classification."""
