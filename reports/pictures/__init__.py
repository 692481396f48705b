"""Pictures of a document: numbers in, positions out. Templates draw them as SVG, the same on pages and on paper.

Every picture tells signs apart by shape or by texture, never by colour alone. Words or a table beside it say the same.
"""
