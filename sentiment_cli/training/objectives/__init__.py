"""What training makes small: one objective a file, its equation and its paper with it."""
