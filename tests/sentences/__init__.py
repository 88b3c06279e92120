"""List of the sentences that the product can say, collected from its code."""
