"""A whole series as one JSON document: `docs/series-file.md` describes it.

`parts` says what the document consists of, `writing` makes it from the database, `reading` finds every fault in it, and
`importing` puts it into the database, as a whole or not at all.
"""
