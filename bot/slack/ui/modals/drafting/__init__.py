"""Form of a draft: what files or agents propose, page by page."""
