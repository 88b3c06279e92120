"""Generator of the parts of the documentation that the code already states."""
