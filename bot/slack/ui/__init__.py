"""What people see: messages and pages, each a pure function of what it is given."""
