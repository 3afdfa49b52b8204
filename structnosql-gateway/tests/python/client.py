"""StructNoSQL 2.6.7 as its users have it, against a gateway: every operation of its wire, on both of its tables.

    client.py ADDRESS TOKEN

The gateway serves the table `users` of `tests/gateway/python.rs`. It ends with 0 and prints `operations: N` where every
answer is as it should be; the Rust side then reads what was written.
"""

import logging
import sys
from typing import Dict, List

import requests
from StructNoSQL import (
    BaseField, ExternalDynamoDBApiBasicTable, ExternalDynamoDBApiCachingTable, FieldGetter, FieldRemover, FieldSetter,
    MapModel, PrimaryIndex, TableDataModel,
)

logging.disable(logging.CRITICAL)
address, token = sys.argv[1:]

sent = []
post = requests.post


def counting(url, json, **kwargs):
    sent.append(json["operationType"])
    return post(url, json=json, **kwargs)


requests.post = counting


class Token(MapModel):
    expires = BaseField(field_type=int, required=True)
    scope = BaseField(field_type=str, required=False)


class User(TableDataModel):
    id = BaseField(field_type=str, required=True)
    name = BaseField(field_type=str, required=False)
    visits = BaseField(field_type=int, required=False)
    rating = BaseField(field_type=float, required=False)
    tokens = BaseField(field_type=Dict[str, Token], key_name="token", required=False)
    notes = BaseField(field_type=List[str], required=False)


def table(kind, payload):
    index = PrimaryIndex(hash_key_name="id", hash_key_variable_python_type=str)
    return kind(data_model=User, primary_index=index, api_http_endpoint=f"{address}/tables/users", base_payload=payload)


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")


users = table(ExternalDynamoDBApiBasicTable, {"accessToken": token})
record = {"id": "p1", "name": "Robinson", "visits": 7, "rating": 4.5, "tokens": {"t1": {"expires": 5}}, "notes": ["a", "b"]}

same("put_record", users.put_record(record_dict_data=record), True)
same("get_field", users.get_field(key_value="p1", field_path="name"), "Robinson")
same("get_field of a float", users.get_field(key_value="p1", field_path="rating"), 4.5)
nested = {"token": "t1"}
same("get_field below a map", users.get_field(key_value="p1", field_path="tokens.{{token}}.expires", query_kwargs=nested), 5)
several = users.get_field(key_value="p1", field_path="(name, visits)")
same("get_field of several", several, {"name": "Robinson", "visits": 7})
got = users.get_multiple_fields(key_value="p1", getters={
    "who": FieldGetter(field_path="name"),
    "until": FieldGetter(field_path="tokens.{{token}}.expires", query_kwargs=nested),
})
same("get_multiple_fields", got, {"who": "Robinson", "until": 5})
values, metadata = users.query_field(key_value="p1", field_path="name")
same("query_field", (values, metadata.count, metadata.has_reached_end), ({"p1": "Robinson"}, 1, True))
values, metadata = users.query_multiple_fields(key_value="p1", getters={"n": FieldGetter(field_path="visits")})
same("query_multiple_fields", (values, metadata.count), ({"p1": {"n": 7}}, 1))

same("update_field", users.update_field(key_value="p1", field_path="name", value_to_set="Paul"), True)
same("update_field, read", users.get_field(key_value="p1", field_path="name"), "Paul")
same("update_field_return_old", users.update_field_return_old(key_value="p1", field_path="visits", value_to_set=8), (True, 7))
new = {"token": "t2"}
made = users.update_field(key_value="p1", field_path="tokens.{{token}}.expires", value_to_set=9, query_kwargs=new)
same("update_field below what is not there", made, True)
setters = [
    FieldSetter(field_path="rating", value_to_set=3.25),
    FieldSetter(field_path="tokens.{{token}}.scope", value_to_set="all", query_kwargs=nested),
]
same("update_multiple_fields", users.update_multiple_fields(key_value="p1", setters=setters), True)
changed = users.update_multiple_fields_return_old(key_value="p1", setters={
    "a": FieldSetter(field_path="name", value_to_set="Pierre"),
    "b": FieldSetter(field_path="tokens.{{token}}.expires", value_to_set=6, query_kwargs=nested),
})
same("update_multiple_fields_return_old", changed, (True, {"a": "Paul", "b": 5}))
same("update_field of a record that is not there", users.update_field(key_value="p2", field_path="name", value_to_set="Two"), True)
users.update_field(key_value="p2", field_path="visits", value_to_set=2)
users.update_field(key_value="p2", field_path="tokens.{{token}}.expires", value_to_set=1, query_kwargs=nested)

same("remove_field", users.remove_field(key_value="p2", field_path="name"), "Two")
same("remove_field of nothing", users.remove_field(key_value="p2", field_path="name"), None)
users.delete_field(key_value="p2", field_path="tokens.{{token}}", query_kwargs=nested)
same("delete_field, read", users.get_field(key_value="p2", field_path="tokens.{{token}}", query_kwargs=nested), None)
removed = users.grouped_remove_multiple_fields(key_value="p1", removers={
    "n": FieldRemover(field_path="notes"),
    "s": FieldRemover(field_path="tokens.{{token}}.scope", query_kwargs=nested),
})
same("grouped_remove_multiple_fields", removed, {"n": ["a", "b"], "s": "all"})
deleted = users.grouped_delete_multiple_fields(key_value="p2", removers=[FieldRemover(field_path="visits")])
same("grouped_delete_multiple_fields", deleted, True)
same("remove_multiple_fields", users.remove_multiple_fields(key_value="p2", removers={"v": FieldRemover(field_path="visits")}), {"v": None})

users.put_record(record_dict_data={"id": "p3", "name": "Three"})
same("remove_record", users.remove_record(indexes_keys_selectors={"id": "p3"}), {"id": "p3", "name": "Three"})
same("remove_record of nothing", users.remove_record(indexes_keys_selectors={"id": "p3"}), None)
users.put_record(record_dict_data={"id": "p4"})
same("delete_record", users.delete_record(indexes_keys_selectors={"id": "p4"}), True)
same("delete_record, read", users.get_field(key_value="p4", field_path="id"), None)

# The caching table: updates and removals are two requests here; in Rust they are one.
cached = table(ExternalDynamoDBApiCachingTable, {"accessToken": token})
same("caching get_field", cached.get_field(key_value="p1", field_path="name"), "Pierre")
before = len(sent)
same("caching get_field again", cached.get_field(key_value="p1", field_path="name"), "Pierre")
cached.update_field(key_value="p1", field_path="visits", value_to_set=99)
cached.delete_field(key_value="p1", field_path="rating")
same("nothing is sent before the commit", len(sent), before)
same("commit_operations", cached.commit_operations(), True)
same("the commit's requests", len(sent), before + 2)

# A table whose token is wrong, or missing, reads and writes nothing.
for payload in ({"accessToken": "wrong"}, {}):
    stranger = table(ExternalDynamoDBApiBasicTable, payload)
    same("a stranger's get_field", stranger.get_field(key_value="p1", field_path="name"), None)
    same("a stranger's put_record", stranger.put_record(record_dict_data={"id": "p5"}), False)

every = {
    "putRecord", "deleteRecord", "removeRecord", "getSingleValueInPathTarget", "getValuesInMultiplePathTarget",
    "getOrQuerySingleItem", "queryItemsByKey", "setUpdateMultipleDataElementsToMapWithDefaultInitialization",
    "setUpdateMultipleDataElementsToMap", "removeDataElementsFromMap", "deleteDataElementsFromMap",
}
same("operations that were sent", every - set(sent), set())
print(f"operations: {len(sent)}")
