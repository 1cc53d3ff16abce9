"""One run: trained and evaluated for each of its seeds, shown and recorded."""
