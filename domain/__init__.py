"""Threat modelling without the world: what may be asked, what has happened, what follows from it."""
