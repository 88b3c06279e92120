"""Read models: the types that screens show, without loaders."""
