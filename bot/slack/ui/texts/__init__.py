"""Words that messages and modals share."""
