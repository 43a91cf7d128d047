"""What a trained network does: measured, and shown as a page."""
