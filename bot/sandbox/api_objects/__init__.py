"""JSON objects of the Web API and of events."""
