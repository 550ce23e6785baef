"""Shapes: what an author may write, and what a caller then hears."""

import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from bylaw.base.node import Mapping, Node, Scalar, Sequence, fixed_scalar
from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.base.problem import Problem
from bylaw.compile.fit import compile_check
from bylaw.compile.keyword import schema_problems
from bylaw.compile.shape import compile_shape, shape_of
from bylaw.model.shape import Mismatch

HERE = Place("shape.yaml")


def node_of(value: Plain) -> Node:
    if isinstance(value, dict):
        entries = tuple((fixed_scalar(key, HERE), node_of(one)) for key, one in value.items())
        return Mapping(entries=entries, place=HERE)
    if isinstance(value, list):
        return Sequence(items=tuple(map(node_of, value)), place=HERE)
    return fixed_scalar(value, HERE)


def problems_of(fields: Record) -> list[str]:
    node = node_of(dict(fields))
    assert isinstance(node, Mapping)
    problems: list[Problem] = []
    compile_shape(node, problems=problems)
    return [f"{problem.code}: {problem.message}" for problem in problems]


def said(fields: Record, record: Record) -> list[str]:
    return [mismatch.message for mismatch in shape_of(fields).check(record)]


def test_a_record_that_fits_has_no_mismatch() -> None:
    shape = shape_of(
        {"branch": {"type": "string"}, "force": {"type": "boolean", "default": False}}
    )
    assert shape.check(shape.filled({"branch": "main"})) == ()


def test_a_missing_field_is_named_with_what_to_send() -> None:
    (found,) = shape_of({"branch": {"type": "string"}}).check({})
    assert found == Mismatch(
        path="branch", message="`branch` is missing", missing=True, expected="a text"
    )


def test_a_wrong_type_says_what_it_is_and_what_it_should_be() -> None:
    assert said({"count": {"type": "integer"}}, {"count": "3"}) == [
        "`count` is a text; it wants a whole number"
    ]


def test_true_is_not_a_whole_number() -> None:
    assert said({"count": {"type": "integer"}}, {"count": True}) == [
        "`count` is true or false; it wants a whole number"
    ]


def test_a_choice_lists_what_may_be_chosen() -> None:
    assert said({"status": {"enum": ["passed", "failed"]}}, {"status": "green"}) == [
        "`status` is `green`; it wants one of `passed`, `failed`"
    ]


def test_an_unknown_field_gets_a_guess() -> None:
    (found,) = shape_of({"branch": {"type": "string"}}).check({"branch": "x", "brnach": "y"})
    assert found.message == "`brnach` is not known (did you mean `branch`)"


def test_an_unknown_field_that_is_like_none_is_told_which_there_are() -> None:
    (found,) = shape_of({"branch": {"type": "string"}}).check({"branch": "x", "foo": "y"})
    assert found.message == "`foo` is not known (known: `branch`)"


def test_an_empty_text_is_called_empty() -> None:
    assert said({"repo": {"type": "string", "minLength": 1}}, {"repo": ""}) == [
        "`repo` is empty; it wants at least 1 character"
    ]


def test_an_open_shape_takes_unknown_fields() -> None:
    assert shape_of({}, open=True).check({"anything": 1}) == ()


def test_a_field_inside_a_list_is_named_by_its_path() -> None:
    items = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    fields = {"steps": {"type": "array", "items": items}}
    assert said(fields, {"steps": [{"id": 1}, {"id": "x"}, {}]}) == [
        "`steps[1].id` is a text; it wants a whole number",
        "`steps[2].id` is missing",
    ]


def test_a_pattern_that_backtracks_elsewhere_is_linear_here() -> None:
    fields = {"name": {"type": "string", "pattern": "^(a+)+$"}}
    assert len(said(fields, {"name": "a" * 50_000 + "b"})) == 1


def test_what_is_too_deep_is_refused_before_it_is_read() -> None:
    deep: Plain = "x"
    for _ in range(5_000):
        deep = [deep]
    assert said({"value": {}}, {"value": deep}) == ["`value` is nested deeper than 32 levels"]


def test_what_is_too_large_is_refused() -> None:
    assert said({"value": {}}, {"value": list(range(20_000))}) == [
        "`value` holds more than 10000 values"
    ]


def test_a_number_that_json_cannot_say_is_refused() -> None:
    assert said({"value": {"multipleOf": 2}}, {"value": float("inf")}) == [
        "`value` is not a number that JSON can say"
    ]


def test_half_a_character_is_refused() -> None:
    assert said({"value": {"pattern": "x"}}, {"value": "x\ud800"}) == [
        "`value` holds half a character"
    ]


def test_a_misspelt_keyword_is_found_at_load() -> None:
    assert problems_of({"branch": {"type": "string", "patern": "x"}}) == [
        "unknown-key: `patern` is not a keyword of the JSON Schemas that Bylaw reads"
    ]


def test_a_misspelt_type_is_found_at_load() -> None:
    assert problems_of({"branch": {"type": "strng"}}) == ["type: `strng` is not a type"]


def test_a_pattern_that_cannot_be_run_in_linear_time_is_found_at_load() -> None:
    (problem,) = problems_of({"branch": {"type": "string", "pattern": "(?=a)b"}})
    assert problem.startswith("regex: `(?=a)b` is not a regular expression that Bylaw can run")


def test_a_default_must_fit_its_own_schema() -> None:
    assert problems_of({"status": {"enum": ["a", "b"], "default": "c"}}) == [
        "default: the default does not fit: `status` is `c`; it wants one of `a`, `b`"
    ]


def test_bounds_that_nothing_keeps_are_found_at_load() -> None:
    assert problems_of({"n": {"minimum": 3, "maximum": 2}}) == [
        "range: `minimum` is 3 and `maximum` is 2: nothing fits"
    ]


def test_a_name_that_no_expression_can_say_is_found_at_load() -> None:
    assert problems_of({"dry-run": {"type": "boolean"}}) == [
        "name: `dry-run` cannot be named in an expression"
    ]


def test_a_field_with_a_mistake_is_still_known_by_name() -> None:
    node = node_of({"branch": {"type": "strng"}})
    assert isinstance(node, Mapping)
    assert compile_shape(node, problems=[]).fields == {"branch": {}}


def test_a_mistake_has_the_place_of_the_word() -> None:
    place = Place("a.yaml", 7, 9)
    word = Scalar(value="strng", place=place, at=lambda _: place)
    schema = Mapping(entries=((fixed_scalar("type", HERE), word),), place=HERE)
    assert [problem.place for problem in schema_problems(schema)] == [place]


# --- the two twins -------------------------------------------------------------------------

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([0.0, 1.0, 2.5, -3.0, 1e18])
    | st.text("abA", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
NUMBER = st.integers(-4, 4) | st.sampled_from([0.5, 1.5, 2.0])
COUNT = st.integers(0, 3)
TYPE = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
NAMES = st.sampled_from("abc")
KEYWORDS = {
    "type": TYPE | st.lists(TYPE, min_size=1, max_size=3, unique=True),
    "enum": st.lists(PLAIN, min_size=1, max_size=3),
    "const": PLAIN,
    "minimum": NUMBER,
    "maximum": NUMBER,
    "exclusiveMinimum": NUMBER,
    "exclusiveMaximum": NUMBER,
    "multipleOf": st.sampled_from([1, 2, 3, 0.5, 0.1]),
    "minLength": COUNT,
    "maxLength": COUNT,
    "pattern": st.sampled_from(["a", "^a", "b$", "^[ab]+$", "^(a|b)*$"]),
    "minItems": COUNT,
    "maxItems": COUNT,
    "uniqueItems": st.booleans(),
    "minProperties": COUNT,
    "maxProperties": COUNT,
    "required": st.lists(NAMES, max_size=2, unique=True),
}


def schemas(inner: st.SearchStrategy[Record]) -> st.SearchStrategy[Record]:
    nested: dict[str, st.SearchStrategy[Plain]] = {
        "items": inner,
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "additionalProperties": st.booleans() | inner,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "oneOf": st.lists(inner, min_size=1, max_size=2),
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
    }
    return st.fixed_dictionaries({}, optional={**KEYWORDS, **nested}).map(few)


def few(schema: Record) -> Record:
    """Keep three keywords: with more, hardly a value fits."""
    return dict(list(schema.items())[:: max(1, len(schema) // 3)][:3])


SCHEMA = st.recursive(st.fixed_dictionaries({}, optional=KEYWORDS).map(few), schemas, max_leaves=5)


def in_linear_time(_validator: Plain, pattern: str, value: Plain, _schema: Plain) -> Plain:
    """Read patterns as the compiled twin does, so that only the keywords are compared."""
    if isinstance(value, str) and re2.search(pattern, value) is None:
        yield ValidationError("pattern")


# The stubs of jsonschema leave the types of `extend` out.
Reference = extend(Draft202012Validator, {"pattern": in_linear_time})  # type: ignore[no-untyped-call]


@settings(max_examples=300, deadline=None)
@given(SCHEMA, PLAIN)
def test_the_compiled_check_agrees_with_the_reference(schema: Record, value: Plain) -> None:
    found: list[Mismatch] = []
    compile_check(schema)(value, "value", found)
    assert (not found) == Reference(dict(schema)).is_valid(value)


@settings(max_examples=100, deadline=None)
@given(SCHEMA)
def test_what_is_accepted_at_load_is_a_json_schema(schema: Record) -> None:
    problems = [one for one in schema_problems(node_of(dict(schema))) if one.code != "range"]
    Draft202012Validator.check_schema(dict(schema))
    assert problems == []
