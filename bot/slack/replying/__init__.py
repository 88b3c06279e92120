"""What is answered: in the ack, and what follows it on threads of its own."""
