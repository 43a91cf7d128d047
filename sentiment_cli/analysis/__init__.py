"""What a trained network does with reviews: which words it keeps, uses and forgets."""
