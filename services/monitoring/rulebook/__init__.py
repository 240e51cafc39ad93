"""Every rule of a protocol as a reader looks it up: in chapters, with its source and how it works in a sentence."""
