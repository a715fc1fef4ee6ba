"""What simulated Stripe knows and the rules by which it changes; nothing here knows HTTP or the shape of an answer."""
