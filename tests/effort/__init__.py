"""Systems described for the effort benchmark: their parts, their controls and a review of their threats."""
