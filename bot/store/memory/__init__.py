"""A store in memory: the twin of the SQLite one for fast tests.

It keeps rows as bytes, lets one writer in at a time, rolls back, and fails when it is told to.
"""
