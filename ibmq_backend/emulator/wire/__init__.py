"""HTTP below the dialects: bodies, replies, connections, guards."""
