"""The forms: each one declaration, rendered, read and turned into a command."""
