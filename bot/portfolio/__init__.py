"""Reading of the portfolio: the entries of many models, computed once for each version."""
