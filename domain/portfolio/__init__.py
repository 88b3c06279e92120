"""Portfolio: the threat models of many teams side by side, in numbers."""
