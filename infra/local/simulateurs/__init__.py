"""The outside world of the local service: remote systems with their own state, slow and faulty on demand."""
