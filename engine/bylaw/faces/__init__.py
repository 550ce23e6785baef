"""MCP, REST and the command line; they translate and decide nothing."""
