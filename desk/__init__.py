"""The core of Scandesk: everything that would survive replacing Prefect."""
