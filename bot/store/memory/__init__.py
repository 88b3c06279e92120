"""Store in memory, equivalent to the SQLite store, for fast tests.

It keeps rows as bytes, lets one writer in at a time, rolls back, and fails when it is told to.
"""
