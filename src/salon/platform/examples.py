"""Examples for the OpenAPI document, composed from the schemas: nobody writes a whole body by hand.

A leaf's value is, in this order: what its field says with `examples=`, the vocabulary's entry for
``Schema.field``, the schema's `const`, `enum`, the vocabulary's entry for ``field``, the `default`, the
least value that the limits allow. So one name has one value throughout the document.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

Schema = Mapping[str, Any]
Vocabulary = Mapping[str, JsonValue]

UNNAMED = "…"
"""Stands where neither the field nor the vocabulary knows a text. A test refuses it."""

MOMENT = "2031-05-06T09:00:00Z"
"""The time at which everything in the examples happens."""

_REF = "#/components/schemas/"


class Examples:
    """Composes examples for one document.

    Args:
        schemas: the document's ``components.schemas``.
        vocabulary: values by field name, or by ``Schema.field`` where one schema means something else.
    """

    def __init__(self, schemas: Mapping[str, Schema], vocabulary: Vocabulary) -> None:
        self._schemas = schemas
        self._vocabulary = vocabulary

    def of_answer(self, schema: Schema) -> JsonValue:
        """An example with every field."""
        return self._value(schema, name="", owner="", complete=True)

    def of_request(self, schema: Schema) -> JsonValue:
        """An example with the fields that must be there, and those whose example was given on purpose."""
        return self._value(schema, name="", owner="", complete=False)

    def of_parameter(self, name: str, schema: Schema) -> JsonValue:
        """An example of a path or query parameter."""
        return self._value(schema, name=name, owner="", complete=False)

    def _value(self, schema: Schema, *, name: str, owner: str, complete: bool) -> JsonValue:
        # What stands beside a reference, such as examples, counts first.
        given = self._given(schema, name, owner)
        if given is not None:
            return given
        if "$ref" in schema:
            target = str(schema["$ref"]).removeprefix(_REF)
            # What is both taken and answered is described twice, under the same word.
            word = target.removesuffix("-Input").removesuffix("-Output")
            return self._value(self._schemas[target], name=name, owner=word, complete=complete)
        variants = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if variants:
            some = [one for one in variants if one.get("type") != "null"]
            return self._value(some[0], name=name, owner=owner, complete=complete)
        if schema.get("type") == "array":
            item = self._value(schema.get("items", {}), name=name, owner=owner, complete=complete)
            return [item] if schema.get("maxItems") != 0 else []
        if "properties" in schema:
            return self._object(schema, owner=owner, complete=complete)
        return self._leaf(schema, name)

    def _given(self, schema: Schema, name: str, owner: str) -> JsonValue:
        if schema.get("examples"):
            first: JsonValue = schema["examples"][0]
            return first
        if f"{owner}.{name}" in self._vocabulary:
            return self._vocabulary[f"{owner}.{name}"]
        return None

    def _object(self, schema: Schema, *, owner: str, complete: bool) -> JsonValue:
        required = schema.get("required", ())
        made: dict[str, JsonValue] = {}
        for field, part in schema["properties"].items():
            is_wanted = complete or field in required or self._is_on_purpose(part, field, owner)
            if is_wanted:
                made[field] = self._value(part, name=field, owner=owner, complete=complete)
        return made

    def _is_on_purpose(self, part: Schema, field: str, owner: str) -> bool:
        variants = [part, *part.get("anyOf", ())]
        return any(one.get("examples") for one in variants) or f"{owner}.{field}" in self._vocabulary

    def _leaf(self, schema: Schema, name: str) -> JsonValue:
        said: JsonValue = schema.get("const", next(iter(schema.get("enum", ())), None))
        if said is not None:
            return said
        if name in self._vocabulary:
            word = self._vocabulary[name]
            # Some endpoints have ids as text.
            return str(word) if schema.get("type") == "string" and isinstance(word, int) else word
        if schema.get("default") is not None:
            default: JsonValue = schema["default"]
            return default
        return _least(schema)


def _least(schema: Schema) -> JsonValue:
    if schema.get("format") == "date-time":
        return MOMENT
    number = max(1, int(schema.get("minimum", 1)))
    by_type: dict[str, JsonValue] = {
        "integer": number,
        "number": number,
        "boolean": True,
        "object": {},
        "null": None,
    }
    return by_type.get(schema.get("type", ""), UNNAMED)
