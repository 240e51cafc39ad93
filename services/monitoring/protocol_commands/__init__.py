"""`coursewatch protocol`: what a pharmacist asks of a protocol before it is in force."""
