"""Who is asking: from a token or a ticket to a principal, or to a clear sentence that says why not."""
