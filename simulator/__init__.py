"""A local exchange that speaks the venues' wires over the desk's matching engine, with faults on request."""
