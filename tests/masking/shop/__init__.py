"""A Django application over the schema of the masking proof."""
