"""The citizen's form: a small web page of our own that opens from two doors."""
