/*
 * value - reading packed values as Python sees them
 */
#include "proto/value.h"

#include "proto/head.h"
#include "proto/number.h"
#include "proto/status.h"

static const uint8_t value_kind_of_head[] = {
        [HEAD_NIL] = VALUE_NONE,  [HEAD_BOOL] = VALUE_BOOL,   [HEAD_INT] = VALUE_INT,
        [HEAD_UINT] = VALUE_INT,  [HEAD_FLOAT] = VALUE_FLOAT, [HEAD_STR] = VALUE_STR,
        [HEAD_BIN] = VALUE_BYTES, [HEAD_ARRAY] = VALUE_LIST,  [HEAD_MAP] = VALUE_DICT,
};

static const uint8_t value_kind_of_ext[] = {
        [EXT_TUPLE] = VALUE_TUPLE,
        [EXT_TOKEN] = VALUE_TOKEN,
        [EXT_EXCEPTION] = VALUE_EXCEPTION,
        [EXT_SET] = VALUE_SET,
        [EXT_FROZENSET] = VALUE_FROZENSET,
        [EXT_SLICE] = VALUE_SLICE,
        [EXT_NOT_IMPLEMENTED] = VALUE_NOT_IMPLEMENTED,
        [EXT_BIG_INTEGER] = VALUE_BIG_INTEGER,
        [EXT_TYPED_ARRAY] = VALUE_TYPED_ARRAY,
        [EXT_OPAQUE] = VALUE_OPAQUE,
};

enum value_kind value_kind(struct span value)
{
        struct head head = head_read(value.data);

        if (head.kind == HEAD_EXT)
                return (enum value_kind)value_kind_of_ext[head.ext];
        return (enum value_kind)value_kind_of_head[head.kind];
}

size_t value_size(const uint8_t *bytes)
{
        const uint8_t *at = bytes;
        size_t left = 1;

        do {
                struct head head = head_read(at);

                at += head.size + head.payload;
                left += head.elements;
        } while (--left);
        return (size_t)(at - bytes);
}

/* --- names of types */

static const char *const value_type_names[] = {
        [VALUE_NONE] = "NoneType",
        [VALUE_BOOL] = "bool",
        [VALUE_INT] = "int",
        [VALUE_FLOAT] = "float",
        [VALUE_STR] = "str",
        [VALUE_BYTES] = "bytes",
        [VALUE_LIST] = "list",
        [VALUE_DICT] = "dict",
        [VALUE_TUPLE] = "tuple",
        [VALUE_TOKEN] = "AutoProxy",
        [VALUE_EXCEPTION] = "Exception",
        [VALUE_SET] = "set",
        [VALUE_FROZENSET] = "frozenset",
        [VALUE_SLICE] = "slice",
        [VALUE_NOT_IMPLEMENTED] = "NotImplementedType",
        [VALUE_BIG_INTEGER] = "int",
        [VALUE_TYPED_ARRAY] = "array.array",
        [VALUE_OPAQUE] = "object",
};

/* The proxy classes of multiprocessing.managers by what they stand for. */
static const char *const value_proxy_names[][2] = {
        { "dict", "DictProxy" },
        { "list", "ListProxy" },
        { "set", "SetProxy" },
        { "Namespace", "NamespaceProxy" },
        { "Value", "ValueProxy" },
        { "Array", "ArrayProxy" },
        { "Iterator", "IteratorProxy" },
        { "Pool", "PoolProxy" },
        { "Lock", "AcquirerProxy" },
        { "RLock", "AcquirerProxy" },
        { "Semaphore", "AcquirerProxy" },
        { "BoundedSemaphore", "AcquirerProxy" },
        { "Condition", "ConditionProxy" },
        { "Event", "EventProxy" },
        { "Barrier", "BarrierProxy" },
};

#define N_PROXY_NAMES (sizeof(value_proxy_names) / sizeof(value_proxy_names[0]))

const char *value_proxy_name(struct span typeid)
{
        for (size_t i = 0; i < N_PROXY_NAMES; ++i)
                if (span_equal(typeid, span_of_cstr(value_proxy_names[i][0])))
                        return value_proxy_names[i][1];
        return NULL;
}

const char *value_type_name(struct span value)
{
        enum value_kind kind = value_kind(value);
        struct value_exception exception;
        struct value_token token;
        const char *name = NULL;

        if (kind == VALUE_TOKEN && value_get_token(value, &token))
                name = value_proxy_name(token.typeid);
        else if (kind == VALUE_EXCEPTION && value_get_exception(value, &exception))
                name = status_wire_name((int)status_from_wire_name(exception.name));
        return name && !span_equal(span_of_cstr(name), SPAN_LITERAL("RemoteError"))
                       ? name
                       : value_type_names[kind];
}

/* --- typed reading */

bool value_is_none(struct span value)
{
        return value.data[0] == 0xc0;
}

bool value_get_bool(struct span value, bool *out)
{
        struct head head = head_read(value.data);

        if (head.kind != HEAD_BOOL)
                return false;
        *out = head.number;
        return true;
}

bool value_get_int64(struct span value, int64_t *out)
{
        struct head head = head_read(value.data);

        if (head.kind != HEAD_INT && head.kind != HEAD_UINT && head.kind != HEAD_BOOL)
                return false;
        if (head.kind == HEAD_UINT && head.number > INT64_MAX)
                return false;
        *out = (int64_t)head.number;
        return true;
}

bool value_get_uint64(struct span value, uint64_t *out)
{
        struct head head = head_read(value.data);

        if (head.kind != HEAD_UINT && head.kind != HEAD_BOOL)
                return false;
        *out = head.number;
        return true;
}

bool value_get_number(struct span value, double *out)
{
        struct number number;

        return number_read(value, &number) && number_to_double(&number, out);
}

static bool value_get_text(struct span value, enum head_kind kind, struct span *out)
{
        struct head head = head_read(value.data);

        if (head.kind != kind)
                return false;
        *out = span_of(value.data + head.size, head.payload);
        return true;
}

bool value_get_str(struct span value, struct span *out)
{
        return value_get_text(value, HEAD_STR, out);
}

bool value_get_bytes(struct span value, struct span *out)
{
        return value_get_text(value, HEAD_BIN, out);
}

/* Takes apart an extension that is one array of n fields. */
static bool value_get_fields(struct span value, enum ext ext, struct span *fields, size_t n)
{
        struct head head = head_read(value.data), array;
        const uint8_t *at;

        if (head.kind != HEAD_EXT || head.ext != ext)
                return false;
        at = value.data + head.size;
        array = head_read(at);
        at += array.size;
        for (size_t i = 0; i < n; ++i) {
                fields[i] = span_of(at, value_size(at));
                at += fields[i].size;
        }
        return true;
}

bool value_get_token(struct span value, struct value_token *out)
{
        struct span fields[3];

        if (!value_get_fields(value, EXT_TOKEN, fields, 3))
                return false;
        if (!value_get_str(fields[1], &out->address))
                out->address = SPAN_ABSENT;
        return value_get_str(fields[0], &out->typeid) && value_get_uint64(fields[2], &out->ident);
}

bool value_get_slice(struct span value, struct value_slice *out)
{
        struct span fields[3];

        if (!value_get_fields(value, EXT_SLICE, fields, 3))
                return false;
        *out = (struct value_slice){ fields[0], fields[1], fields[2] };
        return true;
}

bool value_get_exception(struct span value, struct value_exception *out)
{
        struct span fields[2];

        if (!value_get_fields(value, EXT_EXCEPTION, fields, 2))
                return false;
        out->args = fields[1];
        return value_get_str(fields[0], &out->name);
}

bool value_get_opaque(struct span value, struct value_opaque *out)
{
        struct span fields[3];

        return value_get_fields(value, EXT_OPAQUE, fields, 3) &&
               value_get_str(fields[0], &out->codec) && value_get_bytes(fields[1], &out->payload) &&
               value_get_bool(fields[2], &out->hashable);
}

size_t value_item_size(char typecode)
{
        switch (typecode) {
        case 'b':
        case 'B':
                return 1;
        case 'h':
        case 'H':
                return 2;
        case 'i':
        case 'I':
        case 'f':
        case 'u':
                return 4;
        case 'l':
        case 'L':
        case 'q':
        case 'Q':
        case 'd':
                return 8;
        default:
                return 0;
        }
}

bool value_get_typed_array(struct span value, struct value_typed_array *out)
{
        struct head head = head_read(value.data);

        if (head.kind != HEAD_EXT || head.ext != EXT_TYPED_ARRAY)
                return false;
        out->typecode = (char)value.data[head.size];
        out->item_size = value_item_size(out->typecode);
        out->items = span_of(value.data + head.size + 1, head.payload - 1);
        return true;
}

/* --- walking */

bool value_iter_init(struct value_iter *iter, struct span value, size_t *n)
{
        struct head head = head_read(value.data);
        const uint8_t *at = value.data;

        if (head.kind == HEAD_EXT && head_is_nest(&head) && head.ext != EXT_EXCEPTION &&
            head.ext != EXT_SLICE) {
                at += head.size;
                head = head_read(at);
        }
        if (head.kind != HEAD_ARRAY && head.kind != HEAD_MAP)
                return false;

        *iter = (struct value_iter){ .at = at + head.size, .n_left = head.elements };
        *n = head.kind == HEAD_MAP ? head.elements / 2 : head.elements;
        return true;
}

bool value_iter_next(struct value_iter *iter, struct span *element)
{
        if (!iter->n_left)
                return false;
        *element = span_of(iter->at, value_size(iter->at));
        iter->at += element->size;
        --iter->n_left;
        return true;
}

int value_visit_tokens(struct span value, int (*visit)(void *data, const struct value_token *token),
                       void *data)
{
        const uint8_t *at = value.data;
        size_t left = 1;

        do {
                struct head head = head_read(at);
                struct value_token token;
                int r;

                if (head_is_nest(&head)) {
                        at += head.size;
                        continue; /* what is inside counts in its stead */
                }
                if (head.kind == HEAD_EXT && head.ext == EXT_TOKEN &&
                    value_get_token(span_of(at, head.size + head.payload), &token)) {
                        r = visit(data, &token);
                        if (r)
                                return r;
                }
                at += head.size + head.payload;
                left += head.elements;
                --left;
        } while (left);
        return 0;
}
