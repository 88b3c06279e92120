"""Events of the workspace."""
