"""The pages, a module for each kind of work; each has a `router`."""
