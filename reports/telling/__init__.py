"""How events and outcomes are told in a snapshot: rows in, JSON-ready plain data out."""
