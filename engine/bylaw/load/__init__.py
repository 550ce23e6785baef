"""Files to documents: strict YAML with the position of every key and value."""
