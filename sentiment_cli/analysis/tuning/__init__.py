"""A search for better settings, kept, and judged on reviews and seeds that chose nothing."""
