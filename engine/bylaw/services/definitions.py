"""Which definition an instance follows: the live one if it fits, else its own."""

from dataclasses import replace

from bylaw.base.errors import DefinitionLost
from bylaw.compile.context import Context
from bylaw.compile.workflow import compile_workflow
from bylaw.decide.workflow import fits
from bylaw.load.document import document_of
from bylaw.model.instance import Instance
from bylaw.model.snapshot import Snapshot
from bylaw.model.workflow import Workflow
from bylaw.store.store import Transaction


class Definitions:
    """Old definitions, compiled again from the store when an instance still needs one."""

    def __init__(self) -> None:
        """Begin with none; `context` is set with every snapshot that goes live."""
        self._kept: dict[str, Workflow] = {}
        self.context: Context | None = None

    async def of(self, tx: Transaction, snapshot: Snapshot, instance: Instance) -> Workflow:
        """Return the definition that the next step of the instance follows.

        Raises:
            DefinitionLost: neither the live definition fits nor can its own be had any more.
        """
        live = snapshot.workflows.get(instance.workflow)
        if live is not None and (live.definition == instance.definition or fits(live, instance)):
            return live
        return await self._own(tx, instance)

    async def before(self, tx: Transaction, instance: Instance) -> Workflow | None:
        """Return the definition that an instance followed so far, if it can still be had."""
        try:
            return await self._own(tx, instance)
        except DefinitionLost:
            return None

    async def _own(self, tx: Transaction, instance: Instance) -> Workflow:
        kept = self._kept.get(instance.definition)
        if kept is None:
            kept = await self._compiled(tx, instance)
            self._kept[instance.definition] = kept
        return kept

    async def _compiled(self, tx: Transaction, instance: Instance) -> Workflow:
        kept = await tx.documents.get(instance.scope, instance.definition)
        if kept is None or self.context is None:
            raise DefinitionLost(f"the definition of `{instance.id}` is not in the store")
        document = document_of(
            kept.content, file=f"{instance.workflow}@{instance.definition[:12]}"
        )
        workflow = compile_workflow(document, self.context, problems=[])
        if workflow is None:
            raise DefinitionLost(f"the definition of `{instance.id}` does not compile any more")
        return workflow


def following(instance: Instance, workflow: Workflow) -> Instance:
    """Return the instance as it follows this definition: its hash, and defaults of new data."""
    if instance.definition == workflow.definition:
        return instance
    data = {**workflow.inputs.defaults, **workflow.data.defaults, **instance.data}
    return replace(instance, definition=workflow.definition, data=data)
