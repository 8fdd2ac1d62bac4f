"""Parts by which something acts besides the receptors' block: release, surface charge,
calcium channels, plasticity.
"""
