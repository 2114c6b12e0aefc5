"""Clean text becomes parts and an outline of items, each with its kind. Nothing here knows files, formats or storage."""
