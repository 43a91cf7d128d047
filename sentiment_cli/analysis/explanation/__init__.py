"""One review explained: what the network kept of it, what it used, and whether that is true."""
