"""XML-RPC over HTTPS: what a call is, bytes to values and back, and the server."""
