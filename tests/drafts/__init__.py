"""Tests of drafts that are read from files."""
