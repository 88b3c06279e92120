"""Import of a file: fetched, read, and kept until the user confirms."""
