"""Read models: the types of what is shown, without loaders."""
