"""Short-term memory, measured: how far back a network's last state still reaches."""
