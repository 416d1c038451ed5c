/*
 * value - what a program does with an mgr_value
 */
#include <limits.h>

#include "client/content.h"
#include "client/error.h"
#include "client/proxy.h"
#include "proto/scan.h"
#include "proto/value.h"

mgr_value mgr_from_proxy(const mgr_proxy *proxy)
{
        mgr_value value = mgr_none();

        if (!proxy)
                return value;
        value.kind = MGR_KIND_PROXY;
        value.flags = CONTENT_HANDLE;
        value.as.proxy = proxy;
        return value;
}

void mgr_value_clear(mgr_value *value)
{
        if (!value)
                return;
        if (value->owner && value->flags & CONTENT_HANDLE)
                mgr_proxy_free(value->owner);
        else if (value->owner)
                blob_unref(value->owner);
        *value = mgr_none();
}

int mgr_value_copy(const mgr_value *value, mgr_value *copy)
{
        if (!value || !copy)
                return error_set_status(-STATUS_ARGUMENT);
        if (value->flags & CONTENT_HANDLE) {
                mgr_proxy *proxy = value->owner;

                /*
                 * a handle that is only borrowed is somebody's own: sharing it does not change
                 * it
                 */
                if (!proxy)
                        memcpy(&proxy, &value->as.proxy, sizeof(proxy));
                *copy = *value;
                copy->owner = mgr_proxy_ref(proxy);
                return 0;
        }
        if (!value->owner && (value->kind == MGR_KIND_STR || value->kind == MGR_KIND_BYTES))
                return content_copy_text(value->kind, content_span(value), copy);

        *copy = *value;
        if (value->owner) {
                copy->owner = blob_ref(value->owner);
        } else if (value->origin) {
                struct blob *blob;

                memcpy(&blob, &value->origin, sizeof(blob));
                copy->owner = blob_ref(blob);
        }
        return 0;
}

/* --- conversions */

int mgr_value_get_int(const mgr_value *value, int64_t *integer)
{
        if (!value || !integer)
                return error_set_status(-STATUS_ARGUMENT);
        switch (value->kind) {
        case MGR_KIND_BOOL:
                *integer = value->as.boolean;
                return 0;
        case MGR_KIND_INT:
                *integer = value->as.integer;
                return 0;
        case MGR_KIND_UINT:
                return error_set(-STATUS_OVERFLOW, "%ju does not fit", value->as.uinteger);
        default:
                return error_set(-STATUS_TYPE, "'%s' is no int", mgr_value_type_name(value));
        }
}

int mgr_value_get_float(const mgr_value *value, double *real)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        int r;

        if (!value || !real)
                return error_set_status(-STATUS_ARGUMENT);
        if (value->kind == MGR_KIND_FLOAT) {
                *real = value->as.real;
                return 0;
        }
        r = content_pack_checked(&packed, value);
        if (r < 0)
                return r;
        if (!value_get_number(buffer_span(&packed), real))
                return error_set(-STATUS_TYPE, "'%s' is no number", mgr_value_type_name(value));
        return 0;
}

const char *mgr_cstr(const mgr_value *value)
{
        if (value && (value->kind == MGR_KIND_STR || value->kind == MGR_KIND_BYTES) &&
            value->as.text.data)
                return value->as.text.data;
        return "";
}

/* Any integer of C, by what it may be. */
static int value_into_int(const mgr_value *value, mgr_out out)
{
        int64_t integer = 0;
        int r = 0;

        if (value->kind == MGR_KIND_UINT && out.type == MGR_OUT_ULONG &&
            value->as.uinteger <= ULONG_MAX)
                *(unsigned long *)out.to = (unsigned long)value->as.uinteger;
        else if (value->kind == MGR_KIND_UINT && out.type == MGR_OUT_ULLONG)
                *(unsigned long long *)out.to = value->as.uinteger;
        else
                r = mgr_value_get_int(value, &integer);
        if (r < 0 || value->kind == MGR_KIND_UINT)
                return r;

        if (out.type == MGR_OUT_INT && integer >= INT_MIN && integer <= INT_MAX)
                *(int *)out.to = (int)integer;
        else if (out.type == MGR_OUT_UINT && integer >= 0 && integer <= UINT_MAX)
                *(unsigned *)out.to = (unsigned)integer;
        else if (out.type == MGR_OUT_LONG && integer >= LONG_MIN && integer <= LONG_MAX)
                *(long *)out.to = (long)integer;
        else if (out.type == MGR_OUT_ULONG && integer >= 0 && (uint64_t)integer <= ULONG_MAX)
                *(unsigned long *)out.to = (unsigned long)integer;
        else if (out.type == MGR_OUT_LLONG)
                *(long long *)out.to = integer;
        else if (out.type == MGR_OUT_ULLONG && integer >= 0)
                *(unsigned long long *)out.to = (unsigned long long)integer;
        else
                return error_set(-STATUS_OVERFLOW, "%jd does not fit", (intmax_t)integer);
        return 0;
}

static int value_convert(const mgr_value *value, mgr_out out)
{
        double real;
        int r;

        switch (out.type) {
        case MGR_OUT_NOTHING:
                return 0;
        case MGR_OUT_BOOL:
                if (value->kind != MGR_KIND_BOOL)
                        return error_set(-STATUS_TYPE, "'%s' is no bool",
                                         mgr_value_type_name(value));
                *(bool *)out.to = value->as.boolean;
                return 0;
        case MGR_OUT_FLOAT:
        case MGR_OUT_DOUBLE:
                r = mgr_value_get_float(value, &real);
                if (r < 0)
                        return r;
                if (out.type == MGR_OUT_FLOAT)
                        *(float *)out.to = (float)real;
                else
                        *(double *)out.to = real;
                return 0;
        default:
                return value_into_int(value, out);
        }
}

int mgr_value_into(int r, mgr_value *value, mgr_out out)
{
        int converted;

        if (r < 0)
                return r;
        if (!out.to)
                out.type = MGR_OUT_NOTHING;
        if (out.type == MGR_OUT_VALUE) {
                *(mgr_value *)out.to = *value;
                return r;
        }
        converted = value_convert(value, out);
        mgr_value_clear(value);
        return converted < 0 ? converted : r;
}

/* --- as Python sees it */

bool mgr_value_truth(const mgr_value *value)
{
        if (!value)
                return false;
        switch (value->kind) {
        case MGR_KIND_NONE:
                return false;
        case MGR_KIND_BOOL:
                return value->as.boolean;
        case MGR_KIND_INT:
        case MGR_KIND_UINT:
                return value->as.uinteger != 0;
        case MGR_KIND_FLOAT:
                return value->as.real != 0;
        case MGR_KIND_PROXY:
        case MGR_KIND_OTHER:
                return true;
        default:
                return mgr_value_len(value) != 0;
        }
}

int mgr_value_equal(const mgr_value *a, const mgr_value *b)
{
        _buffer_cleanup_ struct buffer packed_a = BUFFER_NULL;
        _buffer_cleanup_ struct buffer packed_b = BUFFER_NULL;
        bool equal;
        int r;

        r = content_pack_checked(&packed_a, a);
        if (r == 0)
                r = content_pack_checked(&packed_b, b);
        if (r < 0)
                return r;
        r = value_equal(buffer_span(&packed_a), buffer_span(&packed_b), &equal);
        return r < 0 ? error_set_status(r) : equal;
}

static int value_to_text(const mgr_value *value, int (*convert)(struct span, struct buffer *),
                         mgr_value *text)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        _buffer_cleanup_ struct buffer utf8 = BUFFER_NULL;
        int r;

        r = text ? content_pack_checked(&packed, value) : error_set_status(-STATUS_ARGUMENT);
        if (r < 0)
                return r;
        r = convert(buffer_span(&packed), &utf8);
        if (r < 0)
                return error_set_status(r);
        return content_copy_text(MGR_KIND_STR, buffer_span(&utf8), text);
}

int mgr_value_repr(const mgr_value *value, mgr_value *text)
{
        return value_to_text(value, value_repr, text);
}

int mgr_value_str(const mgr_value *value, mgr_value *text)
{
        return value_to_text(value, value_str, text);
}

const char *mgr_value_type_name(const mgr_value *value)
{
        static const char *const names[] = {
                [MGR_KIND_NONE] = "NoneType", [MGR_KIND_BOOL] = "bool",   [MGR_KIND_INT] = "int",
                [MGR_KIND_UINT] = "int",      [MGR_KIND_FLOAT] = "float", [MGR_KIND_STR] = "str",
                [MGR_KIND_BYTES] = "bytes",
        };

        if (!value)
                return names[MGR_KIND_NONE];
        if (content_is_packed(value) && value->as.text.data)
                return value_type_name(content_span(value));
        if (value->kind >= 0 && value->kind <= MGR_KIND_BYTES)
                return names[value->kind];
        return "proxy";
}

/* --- as bytes */

int mgr_value_pack(const mgr_value *value, mgr_value *bytes)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        int r;

        r = bytes ? content_pack_checked(&packed, value) : error_set_status(-STATUS_ARGUMENT);
        return r < 0 ? r : content_copy_text(MGR_KIND_BYTES, buffer_span(&packed), bytes);
}

int mgr_value_unpack(const void *data, size_t size, mgr_value *value)
{
        struct span packed = span_of(data, size);
        struct scanner scanner;
        int r;

        if (!data || !value)
                return error_set_status(-STATUS_ARGUMENT);
        scanner_init(&scanner, MGR_MAX_DEPTH);
        r = scan_whole(&scanner, packed);
        scanner_deinit(&scanner);
        if (r < 0)
                return error_set(r, "%s", scanner.why ? scanner.why : status_text(r));
        return content_take(NULL, packed, value);
}
