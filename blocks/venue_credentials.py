"""Which secrets an account's venue session needs, by reference: the values stay where they are kept."""

from collections.abc import Mapping

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from desk.adapters.keys import read_secrets


class VenueCredentials(Block):
    """Names of environment variables that hold a venue's keys; a paper or dry-run account needs none.

    The block holds references only, because Prefect keeps the key of its encrypted fields in the same database.
    """

    _block_type_name = "Scandesk venue credentials"
    _block_type_slug = "scandesk-venue-credentials"
    _description = "Names of the environment variables that hold a venue's keys."

    venue: str = Field(description="The venue that the keys belong to.")
    variables: dict[str, str] = Field(
        description="Name of the variable by part, for example token: OANDA_TOKEN; looked for wherever keys are kept."
    )

    def resolve(self, values: Mapping[str, str] | None = None) -> dict[str, SecretStr]:
        """Return each part's secret.

        Args:
            values: where to look, in place of the installation's own places.

        Raises:
            ConfigError: a variable is not set; the message names it, never a value.
        """
        return read_secrets(self.venue, self.variables, values)
