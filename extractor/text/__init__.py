"""Clean text that remembers where every character came from."""
