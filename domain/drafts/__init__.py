"""Drafts: elements and answers that a file or an agent proposes, until people accept or reject them."""
