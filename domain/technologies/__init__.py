"""Technologies and protocols: a catalog of what elements are made of, and what may be assumed of them."""
