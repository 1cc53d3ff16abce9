"""The configuration of a run: composed by Hydra, checked by pydantic, explained to people."""
