"""Mutation testing of `domain`: plant small faults and see that tests fail (`python -m tests.mutation`)."""
