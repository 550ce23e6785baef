"""The small house that is served while plugs are pulled: steps, calls, timers, events, records."""

from pathlib import Path

SERVER = """\
bylaw: 1
kind: server
name: kills
roles: [dev]
actors:
  ana: {kind: human, roles: [dev], token: "token-of-ana-0123456789"}
  bob: {kind: agent, roles: [dev], token: "token-of-bob-0123456789"}
http: {hosts: [127.0.0.1]}
vars:
  receiver: "${KILLS_RECEIVER}"
  process: "${KILLS_PROCESS}"
"""
ACCESS = """\
kind: access
name: everything
description: Everything, for the harness.
allow: ["*"]
"""
ACTION = """\
---
kind: action
name: {name}
description: Tell the receiver a word.
params: {{word: {{type: string}}}}
result: {{word: {{type: string}}}}
idempotent: {idempotent}
http:
  method: POST
  url: ${{receiver}}/{name}
  headers: {{X-Process: "${{process}}"}}
  body: {{word: "${{params.word}}"}}
  timeout: 10s
"""
EVENT = """\
---
kind: event
name: seen
description: Somebody has seen a parcel.
who: [dev]
params: {id: {type: string}, word: {type: string}}
"""
WORKFLOW = """\
kind: workflow
name: parcel
description: A parcel is packed, carried and rests for a moment, again and again.
key: ${id}
inputs: {id: {type: string}}
data:
  told:    {type: array, items: {type: string}, default: []}
  load:    {type: string, default: ""}
  ticks:   {type: integer, default: 0}
  problem: {type: string, default: ""}
initial: open
states:
  open:
    initial: packing
    events:
      seen:
        set: {told: "${append(told, params.word)}"}
        do: [{action: tell, with: {word: "${params.word}"}}]
    actions:
      add:
        description: Put something in.
        params: {word: {type: string}}
        set: {told: "${append(told, params.word)}"}
        do: [{action: tell, with: {word: "${params.word}"}}]
      close: {description: That was all., to: closed}
    states:
      packing:
        actions:
          send:
            description: Have it carried.
            params: {word: {type: string}}
            set: {load: "${params.word}"}
            to: sending
      sending:
        run: {action: carry, with: {word: "${load}"}, retry: 5, timeout: 1m}
        done: {to: resting}
        failed: {set: {problem: "${error.message}"}, to: packing}
      resting:
        after:
          300ms:
            set: {ticks: "${ticks + 1}"}
            do: [{action: tell, with: {word: "${id}/tick/${ticks}"}}]
            to: packing
  closed: {type: final}
"""
CALLS = {"tell": "false", "carry": "true", "once": "false", "again": "true"}


def write_house(folder: Path) -> Path:
    """Write the house."""
    for name in ("rules", "workflows", "personas"):
        (folder / name).mkdir(parents=True)
    (folder / "bylaw.yaml").write_text(SERVER)
    calls = [ACTION.format(name=name, idempotent=value) for name, value in CALLS.items()]
    (folder / "rules" / "all.yaml").write_text("".join((ACCESS, *calls, EVENT)))
    (folder / "workflows" / "parcel.yaml").write_text(WORKFLOW)
    return folder
