"""Policy of clusters: what an API call needs, and what rules say of that."""
