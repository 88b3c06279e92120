"""What is looked after: tables, errands, numbers for whoever watches."""
