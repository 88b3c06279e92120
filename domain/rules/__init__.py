"""Rules: what may threaten which element, as named conditions over facts and structure."""
