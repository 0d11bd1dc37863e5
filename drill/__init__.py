"""Drills: what the service promises, tried on the real thing under load while it is killed (`make drill`)."""
