/*
 * json_write - values as JSON
 *
 * Straight to a stream, without a tree: jansson's own output has 17 digits for 0.1 and
 * wants everything in memory twice.
 */
#include "client/managerctl/base64.h"
#include "client/managerctl/json.h"
#include "client/managerctl/text.h"

#include <inttypes.h>

/* More than any daemon accepts; one that is not ours must not exhaust the stack. */
#define WRITE_MAX_DEPTH 100

static int write_value(FILE *out, const mgr_value *value, unsigned depth);

static int write_packed(FILE *out, const mgr_value *value)
{
        mgr_value bytes;
        int r = mgr_value_pack(value, &bytes);

        if (r < 0)
                return r;
        fputs("{\"$packed\": \"", out);
        base64_write(out, bytes.as.text.data, bytes.as.text.size);
        fputs("\"}", out);
        mgr_value_clear(&bytes);
        return 0;
}

static int write_float(FILE *out, const mgr_value *value)
{
        double real = value->as.real;
        mgr_value text;
        int r;

        if (isnan(real) && memcmp(&real, &(double){ NAN }, sizeof(real)) != 0)
                return write_packed(out, value); /* its sign and bits are somebody's message */
        r = mgr_value_repr(value, &text);
        if (r < 0)
                return r;
        fprintf(out, isfinite(real) ? "%s" : "{\"$float\": \"%s\"}", mgr_cstr(&text));
        mgr_value_clear(&text);
        return 0;
}

/* A big int; beyond Python's limit of digits it has no text. */
static int write_big_int(FILE *out, const mgr_value *value)
{
        mgr_value text;
        int r = mgr_value_repr(value, &text);

        if (r == MGR_EVALUE)
                return write_packed(out, value);
        if (r < 0)
                return r;
        fprintf(out, "{\"$int\": \"%s\"}", mgr_cstr(&text));
        mgr_value_clear(&text);
        return 0;
}

static int write_proxy(FILE *out, const mgr_value *value)
{
        const char *typeid;
        mgr_proxy *proxy;
        int r = mgr_value_proxy(value, &proxy);

        if (r == MGR_ENO_OBJECT)
                return write_packed(out, value); /* of another daemon */
        if (r < 0)
                return r;
        typeid = mgr_proxy_typeid(proxy);
        fputs("{\"$proxy\": {\"typeid\": ", out);
        text_write_quoted(out, typeid, strlen(typeid));
        fprintf(out, ", \"ident\": \"%" PRIu64 "\"}}", mgr_proxy_ident(proxy));
        mgr_proxy_free(proxy);
        return 0;
}

static int write_bytes(FILE *out, const mgr_value *value)
{
        fputs("{\"$bytes\": \"", out);
        base64_write(out, value->as.text.data, value->as.text.size);
        fputs("\"}", out);
        return 0;
}

static int write_str(FILE *out, const mgr_value *value)
{
        if (!text_is_utf8(value->as.text.data, value->as.text.size))
                return write_packed(out, value);
        text_write_quoted(out, value->as.text.data, value->as.text.size);
        return 0;
}

/* --- containers */

static int write_elements(FILE *out, const mgr_value *value, unsigned depth)
{
        const char *separator = "[";
        mgr_value element;
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, value);
        if (r < 0)
                return r;
        while (r == 0 && mgr_iter_next(&iter, &element)) {
                fputs(separator, out);
                separator = ", ";
                r = write_value(out, &element, depth + 1);
        }
        fputs(*separator == '[' ? "[]" : "]", out);
        return r;
}

static int write_tagged(FILE *out, const char *tag, const mgr_value *value, unsigned depth)
{
        int r;

        fprintf(out, "{\"%s\": ", tag);
        r = write_elements(out, value, depth);
        putc('}', out);
        return r;
}

bool json_is_key(const mgr_value *key)
{
        return key->kind == MGR_KIND_STR && text_is_utf8(key->as.text.data, key->as.text.size) &&
               !memchr(key->as.text.data, '\0', key->as.text.size);
}

static bool is_object(const mgr_value *dict)
{
        size_t n = mgr_value_len(dict);
        mgr_value key;
        mgr_iter iter;

        if (mgr_iter_init(&iter, dict) < 0)
                return false;
        while (mgr_iter_next(&iter, &key))
                if (!json_is_key(&key) || (n == 1 && key.as.text.data[0] == '$'))
                        return false;
        return true;
}

static int write_dict(FILE *out, const mgr_value *dict, unsigned depth)
{
        bool object = is_object(dict);
        const char *separator = object ? "{" : "{\"$dict\": [";
        mgr_value key, value;
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, dict);
        if (r == 0 && mgr_value_len(dict) == 0)
                fputs(separator, out);
        while (r == 0 && mgr_iter_next_item(&iter, &key, &value)) {
                fputs(separator, out);
                separator = ", ";
                if (!object)
                        putc('[', out);
                r = write_value(out, &key, depth + 1);
                fputs(object ? ": " : ", ", out);
                if (r == 0)
                        r = write_value(out, &value, depth + 1);
                if (!object)
                        putc(']', out);
        }
        fputs(object ? "}" : "]}", out);
        return r;
}

static int write_value(FILE *out, const mgr_value *value, unsigned depth)
{
        if (depth > WRITE_MAX_DEPTH)
                return MGR_ETOO_LARGE;
        switch (value->kind) {
        case MGR_KIND_NONE:
                fputs("null", out);
                return 0;
        case MGR_KIND_BOOL:
                fputs(value->as.boolean ? "true" : "false", out);
                return 0;
        case MGR_KIND_INT:
                fprintf(out, "%" PRId64, value->as.integer);
                return 0;
        case MGR_KIND_UINT:
                fprintf(out, "{\"$int\": \"%" PRIu64 "\"}", value->as.uinteger);
                return 0;
        case MGR_KIND_FLOAT:
                return write_float(out, value);
        case MGR_KIND_STR:
                return write_str(out, value);
        case MGR_KIND_BYTES:
                return write_bytes(out, value);
        case MGR_KIND_LIST:
                return write_elements(out, value, depth);
        case MGR_KIND_DICT:
                return write_dict(out, value, depth);
        case MGR_KIND_TUPLE:
                return write_tagged(out, "$tuple", value, depth);
        case MGR_KIND_SET:
                return write_tagged(out, "$set", value, depth);
        case MGR_KIND_FROZENSET:
                return write_tagged(out, "$frozenset", value, depth);
        case MGR_KIND_PROXY:
                return write_proxy(out, value);
        default:
                if (strcmp(mgr_value_type_name(value), "int") == 0)
                        return write_big_int(out, value);
                return write_packed(out, value);
        }
}

int json_write(FILE *out, const mgr_value *value)
{
        return write_value(out, value, 0);
}
