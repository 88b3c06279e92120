"""What people ask: read once, checked, kept until it is known who asks, and let in."""
