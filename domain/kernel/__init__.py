"""Kernel: the nouns of a threat model, and the small functions that need nothing else."""
