"""Messages about files: reports, charts, diagrams, exports."""
