"""What the gateway presents to a target. Agents never see it, and neither does a log, an error or a recording."""
