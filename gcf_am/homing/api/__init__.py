"""Homing API v1 as a WSGI application, for any WSGI server."""
