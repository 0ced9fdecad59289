"""Which values are masked and how, what a sample proposes, and what must not be written back."""
