"""Modals about a model as a whole: scope, people, phases, settings, import."""
