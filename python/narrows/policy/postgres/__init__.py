"""What SQL means under a policy: statements to facts, lineage, and what masks let be seen of them."""
