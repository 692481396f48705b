"""The pages of a PDF: drawn part by part, kept by what they depend on, and bound into one file.

`drawing` and `worker` run in processes of their own, which start without Django; so this package imports nothing here.
"""
