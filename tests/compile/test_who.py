"""Who lists and selectors of documents that have no mistakes."""

from tests.compile.documents import compiled


def test_words_are_told_apart_by_their_prefix() -> None:
    who = compiled('kind: event\nname: e\nwho: [ci, kind:agent, "id:ana"]\n').who
    assert (who.roles, who.kinds, who.ids) == ({"ci"}, {"agent"}, {"ana"})


def test_without_a_list_there_is_none() -> None:
    assert compiled("kind: event\nname: e\n").who is None


def test_a_group_is_no_role() -> None:
    policy = compiled(
        "kind: policy\nname: p\napplies: {actions: [git.push]}\n"
        'groups: {owner: actor.id == "ana"}\n'
        "rules: [{name: r, who: [owner, ci], effect: deny}]\n"
    )
    who = policy.rules[0].who
    assert (who.roles, set(who.groups)) == ({"ci"}, {"owner"})
