"""What both scripts of kucoin-universal-sdk share, KuCoin's own client, with a key of version 3."""

from kucoin_universal_sdk.api import DefaultClient
from kucoin_universal_sdk.api.api_rest import KucoinRestService
from kucoin_universal_sdk.model import ClientOptionBuilder, TransportOption
from steps import Job


def service(job: Job, secrets: dict[str, str]) -> KucoinRestService:
    """Return the client for both markets."""
    options = (
        ClientOptionBuilder()
        .set_key(secrets["key"])
        .set_secret(secrets["secret"])
        .set_passphrase(secrets["passphrase"])
        .set_spot_endpoint(job.addresses["kucoin"])
        .set_futures_endpoint(job.addresses["kucoin_futures"])
        .set_transport_option(TransportOption())
        .build()
    )
    return DefaultClient(options).rest_service()


def state(*, is_active: bool, was_cancelled: bool) -> str:
    """Return the state of an order, which KuCoin tells in two flags."""
    if is_active:
        return "open"
    return "cancelled" if was_cancelled else "filled"
