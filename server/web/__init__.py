"""Pages, the HTTP API and the addresses they are reached at."""
