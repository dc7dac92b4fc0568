"""The journal: every event of every room, in one SQLite file, before anybody hears of it."""
