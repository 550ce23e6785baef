"""The workflow and rules engine for LLM agents; importing it does nothing."""
