#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds a JSON file against a schema. Usage: validate.py SCHEMA FILE

Stricter than Python's reader: NaN and infinities are no JSON, and a key that stands there twice is a
value that is lost. Exit status 1 and a line for each error.
"""
import json
import sys

import jsonschema


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def once(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"a key stands there twice: {keys}")
    return dict(pairs)


def main():
    schema_name, name = sys.argv[1:]
    with open(schema_name, encoding="utf-8") as file:
        schema = json.load(file)
    try:
        with open(name, encoding="utf-8") as file:
            value = json.load(file, parse_constant=refuse, object_pairs_hook=once)
    except ValueError as error:
        sys.exit(f"{name}: {error}")
    errors = [
        f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in jsonschema.Draft7Validator(schema).iter_errors(value)
    ]
    sys.exit("\n".join(errors) or 0)


main()
