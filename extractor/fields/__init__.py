"""An item's clean text becomes units, deadlines and frequencies: spaCy components over lexicons kept as data."""
