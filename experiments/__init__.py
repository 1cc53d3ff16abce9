"""Studies that were really run, and what makes their tables; see README.md."""
