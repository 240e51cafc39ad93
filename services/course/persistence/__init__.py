"""The course service's database: the log, its idempotency rows, the quarantine, the directory of identities."""
