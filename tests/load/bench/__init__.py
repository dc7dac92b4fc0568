"""What `python3 run.py bench` runs: a thousand phones on one core against the server on another."""
