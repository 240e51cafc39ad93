"""What stops a further infusion, or asks for a second thought before it."""
