"""The web page's own library: HTTP client, charts, tables, French texts. It knows HTTP only."""
