"""What cannot be packed."""


class PackError(Exception):
    """Says what cannot be packed, by name, and what to do instead."""
