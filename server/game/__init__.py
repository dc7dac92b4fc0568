"""The game: rules only. It knows no socket, no clock, no disk and no framework."""
