"""Users of the workspace: their actions, and what they can see."""
