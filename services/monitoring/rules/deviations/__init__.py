"""What of the infusions and what surrounds them broke a rule: found afterwards, never refused."""
