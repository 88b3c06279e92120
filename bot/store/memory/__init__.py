"""Store in memory, equivalent to the SQLite store, for fast tests.

It keeps rows as bytes, admits one writer at a time, rolls back, and can be made to fail.
"""
