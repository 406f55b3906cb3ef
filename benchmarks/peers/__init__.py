"""What we are measured against: one file a peer, each given the same tables or arrays."""
