"""The way of a file of people and organisations into the address book.

`tables` reads files, `columns` says what their columns are about, `cells` cleans what stands in them, `planning` says
what each row will do, `steps` are the acts of staff and `working` the work in the background.
"""
