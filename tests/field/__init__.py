"""Small designs that people reported, rewritten, with the right answer of each."""
