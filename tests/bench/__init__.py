"""How fast it is, against the cheapest thing that could do the same: `python -m tests.bench [NAME ...]`."""
