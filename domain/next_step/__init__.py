"""Next step: what a team should do next, and who it waits for."""
