"""Question banks: YAML files, checked and read into the game's own question types."""
