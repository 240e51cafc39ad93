"""The course service's doors: HTTP in, the ledger behind (docs/contract.md §1)."""
