"""Threat modeling as pure functions: commands, events, the model, and everything computed from it."""
