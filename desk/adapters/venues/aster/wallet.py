"""A wallet's signature under the parameters of a request, as EIP-712 typed data."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from desk.errors import ConfigError

if TYPE_CHECKING:  # loading it costs a second, and only accounts with a wallet need it
    from eth_account.signers.local import LocalAccount

_TYPES = {"Message": [{"name": "msg", "type": "string"}]}


class Wallet:
    """Signs texts; the private key stays in here.

    Args:
        private_key: 32 bytes in hexadecimal.
        chain_id: of the venue's own chain; it keeps a signature for the test network from being good for the real one.

    Raises:
        ConfigError: the key is not one, or the optional dependencies are not installed.
    """

    def __init__(self, private_key: SecretStr, *, chain_id: int) -> None:
        self._account = _account(private_key)
        self._domain = {
            "name": "AsterSignTransaction",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": "0x" + "0" * 40,
        }

    @property
    def address(self) -> str:
        """The wallet's address, with the capitals of its checksum."""
        return str(self._account.address)

    def sign(self, text: str) -> str:
        """Return the signature of `text`: 65 bytes in hexadecimal after `0x`."""
        from eth_account.messages import encode_typed_data

        message = encode_typed_data(self._domain, _TYPES, {"msg": text})
        return "0x" + bytes(self._account.sign_message(message).signature).hex()


def _account(private_key: SecretStr) -> "LocalAccount":
    try:
        from eth_account import Account
    except ImportError as error:
        raise ConfigError("signing with a wallet needs eth-account; install scandesk[aster]") from error
    try:
        account: LocalAccount = Account.from_key(private_key.get_secret_value())
    except ValueError:  # its words may contain the key
        raise ConfigError("expected the private key of a wallet: 32 bytes as 64 hexadecimal digits") from None
    return account
