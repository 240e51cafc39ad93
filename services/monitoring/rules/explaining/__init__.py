"""Why an obligation stands as it does: the dates step by step, the evidence, what decides, what would close it."""
