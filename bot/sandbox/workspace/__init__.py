"""State of the workspace: accounts, conversations, messages, files, faults."""
