"""What is looked after: tables, regular rounds, numbers for whoever watches."""
