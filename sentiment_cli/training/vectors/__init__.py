"""What the embedding starts from: vectors counted in the reviews, or made elsewhere."""
