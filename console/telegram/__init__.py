"""The fleet's bot: what is typed in a chat becomes a question to the services, and their answer a text for a phone."""
