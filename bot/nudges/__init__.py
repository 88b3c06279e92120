"""What time alone brings about: looked for again and again, in every replica."""
