"""The REST face: the same eight questions as routes, with OpenAPI."""
