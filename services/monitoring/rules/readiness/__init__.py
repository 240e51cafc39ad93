"""Whether a planned infusion may be given: everything asked of it beforehand, each with its evidence."""
