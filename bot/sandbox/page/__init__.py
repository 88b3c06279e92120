"""The workspace as people see it in a browser."""
