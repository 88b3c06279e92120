"""Time-driven work of any number of processes: reminders, and the deadlines of rounds."""
