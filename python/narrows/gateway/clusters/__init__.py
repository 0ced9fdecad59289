"""API calls: who may open a session on a cluster, and what its calls would do there."""
