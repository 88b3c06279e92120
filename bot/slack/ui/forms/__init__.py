"""Form toolkit: fields, rendering, submitted values, merging."""
