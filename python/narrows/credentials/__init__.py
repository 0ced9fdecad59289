"""What the gateway presents to a target. Agents never see it, nor does a log, an error or a recording."""
