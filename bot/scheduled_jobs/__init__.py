"""Time-driven work, shared by any number of processes: reminders, and the deadlines of rounds."""
