/*
 * json_read - values from JSON
 *
 * jansson parses, a builder composes. Of the 2048 levels that jansson may open, as many
 * become levels of a value as the builder takes; recursion ends where it refuses.
 */
#include "client/managerctl/base64.h"
#include "client/managerctl/decimal.h"
#include "client/managerctl/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#define READ_MAX_DEPTH MGR_MAX_DEPTH

struct reader {
        mgr_manager *manager;
        mgr_builder *builder;
        unsigned depth;
        struct json_why *why;
};

static int read_value(struct reader *reader, const json_t *json);

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *reader, const char *format,
                                                        ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(reader->why->text, sizeof(reader->why->text), format, args);
        va_end(args);
        return JSON_REFUSED;
}

/* A value that is made here goes in and is done with. */
static int add(struct reader *reader, int r, mgr_value *value)
{
        if (r < 0)
                return r;
        mgr_builder_add_value(reader->builder, value);
        mgr_value_clear(value);
        return 0;
}

static int begin(struct reader *reader, mgr_kind kind)
{
        if (reader->depth == READ_MAX_DEPTH)
                return refuse(reader, "a value may nest %d levels deep", READ_MAX_DEPTH);
        ++reader->depth;
        mgr_builder_begin(reader->builder, kind);
        return 0;
}

static int end(struct reader *reader, int r)
{
        --reader->depth;
        mgr_builder_end(reader->builder);
        return r;
}

/* --- tags */

static int read_elements(struct reader *reader, const char *tag, const json_t *json, mgr_kind kind)
{
        int r;

        if (!json_is_array(json))
                return refuse(reader, "\"%s\" wants a list", tag);
        r = begin(reader, kind);
        if (r)
                return r;
        for (size_t i = 0; r == 0 && i < json_array_size(json); ++i)
                r = read_value(reader, json_array_get(json, i));
        return end(reader, r);
}

static int read_tuple(struct reader *reader, const char *tag, const json_t *json)
{
        return read_elements(reader, tag, json, MGR_KIND_TUPLE);
}

static int read_set(struct reader *reader, const char *tag, const json_t *json)
{
        return read_elements(reader, tag, json, MGR_KIND_SET);
}

static int read_frozenset(struct reader *reader, const char *tag, const json_t *json)
{
        return read_elements(reader, tag, json, MGR_KIND_FROZENSET);
}

static int read_pairs(struct reader *reader, const char *tag, const json_t *json)
{
        int r;

        if (!json_is_array(json))
                return refuse(reader, "\"%s\" wants a list of pairs", tag);
        r = begin(reader, MGR_KIND_DICT);
        if (r)
                return r;
        for (size_t i = 0; r == 0 && i < json_array_size(json); ++i) {
                const json_t *pair = json_array_get(json, i);

                if (json_array_size(pair) != 2)
                        r = refuse(reader, "\"%s\" wants pairs of a key and a value", tag);
                if (r == 0)
                        r = read_value(reader, json_array_get(pair, 0));
                if (r == 0)
                        r = read_value(reader, json_array_get(pair, 1));
        }
        return end(reader, r);
}

static int read_int(struct reader *reader, const char *tag, const json_t *json)
{
        const char *text = json_string_value(json);
        size_t size = json_string_length(json);
        mgr_value value;
        int r;

        if (!text || !decimal_is_integer(text, size))
                return refuse(reader, "\"%s\" wants an integer in a string", tag);
        r = decimal_read(text, size, &value);
        if (r == MGR_ETOO_LARGE)
                return refuse(reader, "\"%s\" takes at most 4300 digits", tag);
        return add(reader, r, &value);
}

static int read_float(struct reader *reader, const char *tag, const json_t *json)
{
        const char *text = json_string_value(json);
        mgr_value value;

        if (text && strcmp(text, "nan") == 0)
                value = mgr_float(NAN);
        else if (text && strcmp(text, "inf") == 0)
                value = mgr_float(INFINITY);
        else if (text && strcmp(text, "-inf") == 0)
                value = mgr_float(-INFINITY);
        else
                return refuse(reader, "\"%s\" wants \"nan\", \"inf\" or \"-inf\"", tag);
        return add(reader, 0, &value);
}

/* The bytes of a text in base64, to be freed. */
static int read_base64(struct reader *reader, const char *tag, const json_t *json, char **data,
                       size_t *size)
{
        const char *text = json_string_value(json);
        size_t n = json_string_length(json);

        if (!text)
                return refuse(reader, "\"%s\" wants a string in base64", tag);
        *data = malloc(base64_max_size(n) + 1);
        if (!*data)
                return MGR_ENOMEM;
        if (base64_read(text, n, *data, size) == 0)
                return 0;
        free(*data);
        return refuse(reader, "\"%s\" wants base64, with its padding", tag);
}

static int read_bytes(struct reader *reader, const char *tag, const json_t *json)
{
        mgr_value value;
        size_t size;
        char *data;
        int r;

        r = read_base64(reader, tag, json, &data, &size);
        if (r)
                return r;
        value = mgr_bytes(data, size);
        r = add(reader, 0, &value);
        free(data);
        return r;
}

static int read_packed(struct reader *reader, const char *tag, const json_t *json)
{
        mgr_value value;
        size_t size;
        char *data;
        int r;

        r = read_base64(reader, tag, json, &data, &size);
        if (r)
                return r;
        r = mgr_value_unpack(data, size, &value);
        free(data);
        if (r < 0 && r != MGR_ENOMEM)
                return refuse(reader, "\"$packed\" is no value: %s", mgr_errmsg());
        return add(reader, r, &value);
}

static bool read_ident(const json_t *json, mgr_value *ident)
{
        const char *text = json_string_value(json);
        size_t size = json_string_length(json);

        if (!text || !decimal_is_integer(text, size) || decimal_read(text, size, ident) < 0)
                return false;
        if (ident->kind == MGR_KIND_UINT || (ident->kind == MGR_KIND_INT && ident->as.integer >= 0))
                return true;
        mgr_value_clear(ident);
        return false;
}

static int read_proxy(struct reader *reader, const char *tag, const json_t *json)
{
        const json_t *typeid = json_object_get(json, "typeid");
        mgr_value ident, value;
        mgr_proxy *proxy;
        int r;

        if (!read_ident(json_object_get(json, "ident"), &ident) ||
            (typeid && !json_is_string(typeid)) || json_object_size(json) != (typeid ? 2 : 1))
                return refuse(reader, "\"%s\" wants an object with typeid and ident, two strings",
                              tag);
        if (!reader->manager)
                return refuse(reader, "\"%s\" needs a daemon", tag);
        r = mgr_proxy_find(reader->manager, &ident, &proxy);
        if (r < 0)
                return r;
        if (typeid && strcmp(json_string_value(typeid), mgr_proxy_typeid(proxy)) != 0) {
                r = refuse(reader, "that object is a %s", mgr_proxy_typeid(proxy));
        } else {
                value = mgr_from_proxy(proxy);
                mgr_builder_add_value(reader->builder, &value);
        }
        mgr_proxy_free(proxy);
        return r;
}

static const struct tag {
        const char *name;
        int (*read)(struct reader *reader, const char *tag, const json_t *json);
} tags[] = {
        { "$tuple", read_tuple },         { "$set", read_set },     { "$dict", read_pairs },
        { "$frozenset", read_frozenset }, { "$int", read_int },     { "$float", read_float },
        { "$bytes", read_bytes },         { "$proxy", read_proxy }, { "$packed", read_packed },
};

static int read_tagged(struct reader *reader, const char *name, const json_t *json)
{
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); ++i)
                if (strcmp(tags[i].name, name) == 0)
                        return tags[i].read(reader, name, json);
        return refuse(reader, "\"%s\" is no tag; {\"$dict\": [[key, value]]} may have any key",
                      name);
}

/* --- what JSON has itself */

static int read_object(struct reader *reader, const json_t *json)
{
        void *at = json_object_iter((json_t *)(uintptr_t)json);
        int r;

        if (json_object_size(json) == 1 && json_object_iter_key(at)[0] == '$')
                return read_tagged(reader, json_object_iter_key(at), json_object_iter_value(at));
        r = begin(reader, MGR_KIND_DICT);
        if (r)
                return r;
        while (r == 0 && at) {
                mgr_value key = mgr_str(json_object_iter_key(at));

                mgr_builder_add_value(reader->builder, &key);
                r = read_value(reader, json_object_iter_value(at));
                at = json_object_iter_next((json_t *)(uintptr_t)json, at);
        }
        return end(reader, r);
}

static int read_value(struct reader *reader, const json_t *json)
{
        mgr_value value = mgr_none();

        switch (json_typeof(json)) {
        case JSON_OBJECT:
                return read_object(reader, json);
        case JSON_ARRAY:
                return read_elements(reader, "", json, MGR_KIND_LIST);
        case JSON_STRING:
                value = mgr_strn(json_string_value(json), json_string_length(json));
                break;
        case JSON_INTEGER:
                value = mgr_int(json_integer_value(json));
                break;
        case JSON_REAL:
                value = mgr_float(json_real_value(json));
                break;
        case JSON_TRUE:
        case JSON_FALSE:
                value = mgr_bool(json_is_true(json));
                break;
        case JSON_NULL:
                break;
        }
        return add(reader, 0, &value);
}

/* --- from the text */

/*
 * jansson reports some failed allocations as bad syntax, and then what was meant as JSON would
 * become a str.
 */
static _Thread_local bool ran_out_of_memory;

static void *allocate(size_t size)
{
        void *block = malloc(size);

        if (!block)
                ran_out_of_memory = true;
        return block;
}

static int parse(const char *text, size_t size, json_t **json, struct reader *reader)
{
        json_error_t error;

        ran_out_of_memory = false;
        json_set_alloc_funcs(allocate, free);
        *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL,
                           &error);
        if (*json)
                return 0;
        if (ran_out_of_memory)
                return MGR_ENOMEM;
        switch (json_error_code(&error)) {
        case json_error_invalid_utf8:
                return refuse(reader, "not UTF-8: {\"$bytes\": \"…base64…\"} may hold anything");
        case json_error_duplicate_key:
        case json_error_null_byte_in_key:
        case json_error_stack_overflow:
                return refuse(reader, "JSON: %s", error.text);
        case json_error_numeric_overflow:
                return refuse(reader, "%s: write {\"$int\": \"…\"} or {\"$float\": \"inf\"}",
                              error.text);
        default:
                /* lone surrogates, which are syntax to jansson */
                if (strncmp(error.text, "invalid Unicode", 15) == 0)
                        return refuse(reader, "JSON: %s", error.text);
                refuse(reader, "%s", error.text);
                return JSON_SYNTAX;
        }
}

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A number alone may have any size. */
static bool is_integer(const char **text, size_t *size)
{
        while (*size && is_space(**text)) {
                ++*text;
                --*size;
        }
        while (*size && is_space((*text)[*size - 1]))
                --*size;
        return decimal_is_integer(*text, *size);
}

static int compose(struct reader *reader, const json_t *json, mgr_value *value)
{
        int r;

        r = mgr_builder_new(&reader->builder);
        if (r < 0)
                return r;
        r = read_value(reader, json);
        if (r == 0) {
                r = mgr_builder_finish(reader->builder, value);
                if (r == MGR_EBAD_REQUEST || r == MGR_EUNICODE || r == MGR_ETOO_LARGE ||
                    r == MGR_EVALUE)
                        r = refuse(reader, "no value: %s", mgr_errmsg());
        }
        mgr_builder_free(reader->builder);
        return r;
}

int json_read(mgr_manager *m, const char *text, size_t size, mgr_value *value, struct json_why *why)
{
        struct reader reader = { .manager = m, .why = why };
        json_t *json;
        int r;

        if (is_integer(&text, &size)) {
                r = decimal_read(text, size, value);
                return r == MGR_ETOO_LARGE ? refuse(&reader, "an integer takes at most 4300 digits")
                                           : r;
        }
        r = parse(text, size, &json, &reader);
        if (r)
                return r;
        r = compose(&reader, json, value);
        json_decref(json);
        return r;
}
