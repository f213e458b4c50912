"""The embedded platform: an HTTP server on SQLite, one process per workspace; see docs/http-api.md."""
