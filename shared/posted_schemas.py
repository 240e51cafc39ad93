"""Posted facts as JSON Schema: one schema for each type, as narrow as what posted_facts.py checks."""

from collections.abc import Iterable, Mapping

import msgspec

from shared.openapi import Schema, narrowed
from shared.posted_facts import NAMES_AN_OBLIGATION, NEEDS_CORRECTS, POSTABLE, FactBody

_REF = "#/components/schemas/{name}"
_TYPES = {"corrects": "object", "business_id": "object", "identifier": "object"}


def posted_facts(bodies: Mapping[str, type[FactBody]]) -> dict[str, Schema]:
    """By the name that each kind of body has in the document: `Fact` and `Fact.<type>` for every type."""
    _, made = msgspec.json.schema_components((*bodies.values(), *POSTABLE.values()), ref_template=_REF)
    schemas = closed(narrowed(made))
    schemas["Reference"] |= exactly_one("fact_id", "business_id")
    if "DemographicsCorrected" in schemas:
        schemas["DemographicsCorrected"]["minProperties"] = 1
    for name, body in bodies.items():
        base = schemas.pop(body.__name__)
        schemas |= {f"{name}.{fact}": _of_type(base, fact) for fact in POSTABLE}
        schemas[name] = one_of(name, POSTABLE)
    return schemas


def closed(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """The same schemas, whose objects have no fields that are not named."""
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    return schemas


def one_of(name: str, facts: Iterable[str]) -> Schema:
    """One schema for each type of fact, told apart by `type`."""
    refs = {fact: _REF.format(name=f"{name}.{fact}") for fact in facts}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }


def _of_type(base: Schema, fact: str) -> Schema:
    """The posted fact with the data that its type asks for."""
    properties = base["properties"] | {"type": {"const": fact}, "data": {"$ref": _REF.format(name=fact)}}
    of_many = "treatment" in base["properties"]
    return base | {"title": fact, "properties": properties, "allOf": conditions(fact, of_many=of_many)}


def conditions(fact: str, *, of_many: bool) -> list[Schema]:
    """The rules for a fact of this type; one of many also says whose it is."""
    found = [exactly_one("occurred_at", "occurred_on")]
    if of_many:
        found.append(exactly_one("treatment", "identifier"))
    if fact in NEEDS_CORRECTS:
        found.append(_given("corrects"))
    if fact == "LabResultCorrected":
        found.append({"anyOf": [_given("corrects"), _given("business_id")]})
    if fact == "LabResultCancelled":
        # exactly one of the two ways to say which result
        found.append({"oneOf": [_given("corrects"), {"properties": {"data": _given("specimen_id")}}]})
    if fact in NAMES_AN_OBLIGATION:
        found.append({"properties": {"data": exactly_one("obligation_id", "requirement")}})
    return found


def exactly_one(one: str, other: str) -> Schema:
    """Exactly one of two fields, not counting null."""
    return {"oneOf": [_given(one), _given(other)]}


def _given(name: str) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"type": _TYPES.get(name, "string")}}}
