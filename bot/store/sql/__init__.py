"""What SQLite and PostgreSQL have in common: statements in SQL that both understand, and code around them."""
