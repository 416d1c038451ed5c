/*
 * json - every value as JSON and back, without loss
 *
 * What JSON has is written as JSON has it: None is null; bool; int within 64 bits
 * signed; a finite float, always with a point or an exponent, so that 1.0 stays a float;
 * str; list; dict with str keys. Everything else is an object with one key that
 * begins with a dollar sign:
 *
 *      {"$tuple": [1, 2]}, {"$set": […]}, {"$frozenset": […]}
 *      {"$dict": [[key, value], …]}    keys that are not all str, or that look like a tag
 *      {"$int": "9223372036854775808"} beyond 64 bits signed, up to 4300 digits
 *      {"$float": "nan"}               "nan", "inf", "-inf"
 *      {"$bytes": "AAEC"}              base64
 *      {"$proxy": {"typeid": "dict", "ident": "72057598332895233"}}
 *      {"$packed": "xwcH"}             anything else: its msgpack bytes in base64
 *
 * So a dict whose only key begins with a dollar sign is written as $dict, and such an
 * object with an unknown tag is refused. A str with lone surrogates, which JSON
 * cannot tell from pairs, is written as $packed; a dict with such a key, or one with a
 * zero character in it (jansson refuses it), as $dict. An ident is a str in JSON
 * because most readers of JSON would round a number of its size. Reading a $proxy needs
 * the daemon, and gives a proxy that counts like any other.
 *
 * Control characters never appear in what is written: they are escaped.
 */
#pragma once

#include <manager.h>
#include <stdio.h>

/* 0 or MGR_E*. Errors of the stream are the stream's. */
int json_write(FILE *out, const mgr_value *value);

/* Whether a value can be the key of a JSON object. */
bool json_is_key(const mgr_value *key);

/* json_read() beside MGR_E*: */
enum {
        JSON_SYNTAX = 1,  /* no JSON at all: `why` says where it ends to be */
        JSON_REFUSED = 2, /* JSON, but no value of ours: `why` says so in a sentence */
};

struct json_why {
        char text[256]; /* may be cut */
};

/*
 * Reads one value. Refused are duplicate keys, invalid UTF-8, more than MGR_MAX_DEPTH levels,
 * numbers beyond 64 bits (but a single one, which is read as an int of any size). The manager
 * may be NULL where proxies are not wanted. 0, an MGR_E* with mgr_errmsg(), or one of the above.
 */
int json_read(mgr_manager *m, const char *text, size_t size, mgr_value *value,
              struct json_why *why);
