"""Repositories of one workspace in a SQLite file, one module for each subject."""
