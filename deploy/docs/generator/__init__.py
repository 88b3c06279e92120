"""Generator of the documentation that derives from the code."""
