"""Joins the parts: the only place where services meet the store and the adapters."""

import secrets
from dataclasses import dataclass
from importlib.metadata import version

from bylaw.adapters.http_call import HttpCaller
from bylaw.app import clock
from bylaw.base.redaction import Redactor
from bylaw.model.snapshot import Snapshot
from bylaw.services.action import RunAction
from bylaw.services.available import AvailableActions
from bylaw.services.calling import Calling
from bylaw.services.context import GetContextData, UpdateContext
from bylaw.services.definitions import Definitions
from bylaw.services.delivery import Delivery
from bylaw.services.endpoint import Endpoints
from bylaw.services.enforcement import Enforce
from bylaw.services.event import TriggerEvent
from bylaw.services.gateway import Gateway
from bylaw.services.house import House
from bylaw.services.identity import Identities
from bylaw.services.journal import Journal
from bylaw.services.policy import GetPolicy
from bylaw.services.snapshots import Snapshots, secret_values
from bylaw.services.status import Status
from bylaw.services.stepping import Stepping
from bylaw.services.unanswered import Unanswered
from bylaw.services.workflow import GetWorkflowState
from bylaw.services.writing import Writing
from bylaw.store.store import Store

VERSION = version("bylaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """One Bylaw, joined: what faces and background work are given."""

    house: House
    gateway: Gateway
    endpoints: Endpoints
    delivery: Delivery
    identities: Identities
    status: Status
    unanswered: Unanswered


def redactor_of(snapshot: Snapshot | None) -> Redactor:
    """Return a redactor that knows the house's secrets; its salt dies with the process."""
    known = secret_values(snapshot) if snapshot is not None else ()
    return Redactor(known, secrets.token_bytes(16))


def wire(first: Snapshot, store: Store, http: HttpCaller) -> Wired:
    """Join everything around a first snapshot."""
    house = House(
        snapshots=Snapshots(first),
        store=store,
        definitions=Definitions(),
        journal=Journal(store, redactor_of(first), VERSION),
        clock=clock.now,
        new_id=clock.new_id,
    )
    stepping = Stepping(house.definitions)
    writing = Writing(house.new_id)
    unanswered = Unanswered(house)
    status = Status(house, unanswered, version=VERSION)
    door = gateway(house, stepping, writing, http, status)
    return Wired(
        house=house,
        gateway=door,
        endpoints=Endpoints(door, house.clock),
        delivery=Delivery(house, stepping, writing, http),
        identities=Identities(house.snapshots),
        status=status,
        unanswered=unanswered,
    )


def gateway(
    house: House, stepping: Stepping, writing: Writing, http: HttpCaller, status: Status
) -> Gateway:
    """Return the gateway with a use case for each tool."""
    return Gateway(
        house,
        {
            "get_available_actions": AvailableActions(house, stepping),
            "get_workflow_state": GetWorkflowState(house, stepping),
            "get_policy": GetPolicy(),
            "get_context_data": GetContextData(house),
            "run_action": RunAction(house, stepping, writing, Calling(house, http)),
            "update_context": UpdateContext(house),
            "trigger_event": TriggerEvent(house, stepping, writing),
            "enforce": Enforce(house, stepping),
        },
        status,
    )
