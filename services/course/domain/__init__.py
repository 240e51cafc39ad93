"""The course service's core: what a sender asks, what was answered, what is kept. No IO, no clock."""
