"""Where runs are kept, and how a finished one is found again."""
