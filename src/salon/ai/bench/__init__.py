"""How well the models do on this machine: what `salon models bench` measures, and on what."""
