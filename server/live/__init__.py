"""The shell around the game: who is connected, when things happen, what goes to whom."""
