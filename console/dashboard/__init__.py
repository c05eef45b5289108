"""The pages of the control room: what the services say, for eyes; nothing is worked out here."""
