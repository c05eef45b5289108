"""What a deployment can tell a worker of type `desk` about its runs: the job variables and their defaults."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration, BaseWorkerResult
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from deployments.stale import Punctuality


class DeskVariables(BaseModel):
    """Job variables of a deployment in a work pool of type `desk`; others are refused when it is deployed."""

    model_config = ConfigDict(extra="forbid")

    timeout_seconds: float = Field(
        default=300.0,
        gt=0,
        description="Seconds after which a run fails as TimedOut. A shorter limit of the flow holds.",
    )
    late_after_seconds: float | None = Field(
        default=None,
        ge=0,
        description="Seconds after its time at which a scheduled run is skipped as SkippedStale; without it, never.",
    )
    drain_seconds: float = Field(
        default=20.0, ge=0, description="Seconds that a run may go on for once its worker has been told to stop."
    )


class DeskJobConfiguration(BaseJobConfiguration):
    """The job variables of one run."""

    timeout_seconds: float = 300.0
    drain_seconds: float = 20.0
    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def entrypoint(self) -> str | None:
        """The entrypoint of the run's deployment."""
        return self._entrypoint

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: Flow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Keep what the run needs; command, environment and labels of a child process have no use here."""
        self._related_objects = {"deployment": deployment, "flow": flow, "flow-run": flow_run}
        self._entrypoint = deployment.entrypoint if deployment else None


class DeskResult(BaseWorkerResult):
    """How the execution of a run ended; Prefect wants a status code, and the run's own state says everything."""


def base_job_template() -> dict[str, Any]:
    """Return the template of a work pool of type `desk`."""
    schema = DeskVariables.model_json_schema()
    schema.pop("title")
    schema.pop("description")
    names = ("timeout_seconds", "drain_seconds")
    return {"job_configuration": {name: f"{{{{ {name} }}}}" for name in names}, "variables": schema}


def punctuality(deployment: DeploymentResponse, template: dict[str, Any]) -> Punctuality:
    """Return when runs of a deployment are too late, from its job variables over the defaults of its work pool."""
    properties = template.get("variables", {}).get("properties", {})
    default = properties.get("late_after_seconds", {}).get("default")
    seconds = deployment.job_variables.get("late_after_seconds", default)
    return Punctuality(
        late_after=None if seconds is None else timedelta(seconds=float(seconds)), paused=deployment.paused
    )
