"""What was recorded, for other systems: in forms that they know, written to a file or pushed to them."""
