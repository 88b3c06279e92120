"""Facts: tri-state statements about elements, each declared once with its question, and screening topics."""
