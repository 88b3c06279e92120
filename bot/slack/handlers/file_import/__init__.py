"""Import of a file: downloaded, read, and kept until the user confirms."""
