"""Pictures of a finished run: each a function of a `Subject` that returns a figure."""
