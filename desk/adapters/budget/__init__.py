"""The call budget: how often each venue is called by all processes of one installation together."""
