"""Experiments trained with several seeds each, kept, and judged beyond the noise."""
