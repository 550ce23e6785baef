"""The MCP face: the eight tools over streamable HTTP and stdio."""
