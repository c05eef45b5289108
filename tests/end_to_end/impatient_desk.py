"""The command `desk`, with seconds instead of minutes between its attempts to close what cannot be closed."""

from blocks import flattening
from console.main import main

if __name__ == "__main__":
    assert flattening.flatten_account.__kwdefaults__ is not None
    flattening.flatten_account.__kwdefaults__["pauses"] = (0.2,) * 3  # the last try comes after the warning
    main()
