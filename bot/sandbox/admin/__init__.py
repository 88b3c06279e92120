"""Administrator actions in the workspace, and the events they cause."""
