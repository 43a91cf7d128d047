"""What trained networks do with reviews, and which of them does it better."""
