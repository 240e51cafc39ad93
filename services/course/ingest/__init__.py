"""Bytes of a request -> what the ledger takes, or a problem that names every wrong field and repeats no value."""
