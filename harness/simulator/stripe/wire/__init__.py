"""How simulated Stripe shows what it knows: the objects of the API, expansion, lists."""
