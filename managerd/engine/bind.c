/*
 * bind - arguments to parameters, and Python's words for what does not fit
 *
 * CPython words a wrong number of arguments in six ways, depending on how the
 * function was written; programs and tests compare the texts, so they are kept.
 */
#include "managerd/engine/bind.h"

#include <stdio.h>

#include "proto/pack.h"
#include "proto/unicode.h"

#define NAME_MAX_SHOWN 64

int bind_shown(struct span name)
{
        return (int)utf8_cut(name, NAME_MAX_SHOWN).size;
}

static const char *plural(unsigned n)
{
        return n == 1 ? "" : "s";
}

/* "Queue.put", or "put" where there is no owner. */
static const char *qualified(const struct signature *s, char name[128])
{
        snprintf(name, 128, "%s%s%s", s->owner ? s->owner : "", s->owner ? "." : "", s->name);
        return name;
}

static struct span param_name(const struct signature *s, unsigned i)
{
        const char *at = s->params;
        const char *end;

        while (i-- > 0)
                at = strchr(at, ' ') + 1;
        end = strchr(at, ' ');
        return span_of(at, end ? (size_t)(end - at) : strlen(at));
}

struct signature signature_of_constructor(const struct type *type)
{
        bool is_method = type->constructor && strcmp(type->constructor, "__init__") == 0;

        return (struct signature){
                .owner = is_method ? type->name : NULL,
                .name = type->constructor ? type->constructor : type->name,
                .params = type->params,
                .n_params = type->n_params,
                .n_required = type->n_required,
                .flags = type->flags,
                .arity = type->constructor ? ARITY_FUNCTION : ARITY_POSITIONAL,
        };
}

static int fail_positional(struct call *call, const struct signature *s, size_t n)
{
        bool few = n < s->n_required;
        unsigned bound = few ? s->n_required : s->n_params;
        const char *which = s->n_required == s->n_params ? "" : few ? "at least " : "at most ";

        return call_fail(call, STATUS_TYPE, "%s expected %s%u argument%s, got %zu", s->name, which,
                         bound, plural(bound), n);
}

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'": the i-th of n. */
static const char *separator(unsigned i, unsigned n)
{
        if (i == 0)
                return "";
        if (i + 1 < n)
                return ", ";
        return n == 2 ? " and " : ", and ";
}

/* Not all that is required was given. */
static int fail_missing(struct call *call, const struct signature *s)
{
        char name[128], missing[256] = "";
        unsigned n_missing = 0, n = 0;
        size_t size = 0;

        for (unsigned i = 0; i < s->n_required; ++i)
                n_missing += !call_has(call, i);
        for (unsigned i = 0; i < s->n_required && size < sizeof(missing); ++i) {
                struct span param = param_name(s, i);

                if (!call_has(call, i))
                        size += (size_t)snprintf(missing + size, sizeof(missing) - size, "%s'%.*s'",
                                                 separator(n++, n_missing), bind_shown(param),
                                                 (const char *)param.data);
        }
        return call_fail(call, STATUS_TYPE, "%s() missing %u required positional argument%s: %s",
                         qualified(s, name), n_missing, plural(n_missing), missing);
}

/* A Python function counts self. */
static int fail_function(struct call *call, const struct signature *s, size_t n)
{
        unsigned self = s->owner ? 1 : 0;
        char name[128];

        if (n < s->n_required)
                return fail_missing(call, s);
        if (s->n_required == s->n_params)
                return call_fail(call, STATUS_TYPE,
                                 "%s() takes %u positional argument%s but %zu were given",
                                 qualified(s, name), s->n_params + self, plural(s->n_params + self),
                                 n + self);
        return call_fail(call, STATUS_TYPE,
                         "%s() takes from %u to %u positional arguments but %zu were given",
                         qualified(s, name), s->n_required + self, s->n_params + self, n + self);
}

static int fail_count(struct call *call, const struct signature *s, size_t n)
{
        char name[128];

        switch (s->arity) {
        case ARITY_ONE:
                return call_fail(call, STATUS_TYPE, "%s() takes exactly one argument (%zu given)",
                                 qualified(s, name), n);
        case ARITY_NONE:
                return call_fail(call, STATUS_TYPE, "%s() takes no arguments (%zu given)",
                                 qualified(s, name), n);
        case ARITY_SLOT:
                /* the blank before two is CPython's */
                return call_fail(call, STATUS_TYPE, "%sexpected %u argument%s, got %zu",
                                 s->n_params > 1 ? " " : "", s->n_params, plural(s->n_params), n);
        case ARITY_POSITIONAL:
                return fail_positional(call, s, n);
        case ARITY_PARSED:
                return call_fail(call, STATUS_TYPE, "%s() takes at most %u arguments (%zu given)",
                                 s->name, s->n_params, n);
        case ARITY_FUNCTION:
                return fail_function(call, s, n);
        }
        return call_fail(call, STATUS_TYPE, "wrong number of arguments");
}

static int fail_keywords(struct call *call, const struct signature *s)
{
        char name[128];

        switch (s->arity) {
        case ARITY_SLOT:
                return call_fail(call, STATUS_TYPE, "wrapper %s() takes no keyword arguments",
                                 s->name);
        default:
                return call_fail(call, STATUS_TYPE, "%s() takes no keyword arguments",
                                 s->flags & METHOD_VARIADIC ? s->name : qualified(s, name));
        }
}

static int fail_unexpected(struct call *call, const struct signature *s, struct span key)
{
        char name[128];

        if (s->flags & METHOD_KEYWORD_ONLY || s->arity == ARITY_PARSED)
                return call_fail(call, STATUS_TYPE,
                                 "'%.*s' is an invalid keyword argument for %s()", bind_shown(key),
                                 (const char *)key.data, s->name);
        return call_fail(call, STATUS_TYPE, "%s() got an unexpected keyword argument '%.*s'",
                         qualified(s, name), bind_shown(key), (const char *)key.data);
}

/* The parameter with this name, or n_params. */
static unsigned find_param(const struct signature *s, struct span key)
{
        unsigned i = 0;

        while (i < s->n_params && !span_equal(param_name(s, i), key))
                ++i;
        return i;
}

static int bind_keywords(struct call *call, const struct signature *s, struct span kwds)
{
        struct value_iter iter;
        struct span key, text, value;
        char name[128];
        size_t n;
        unsigned i;

        if (!(s->flags & METHOD_KEYWORDS))
                return fail_keywords(call, s);

        value_iter_init(&iter, kwds, &n);
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value)) {
                if (!value_get_str(key, &text))
                        return call_fail(call, STATUS_TYPE, "keywords must be strings");
                i = find_param(s, text);
                if (i == s->n_params)
                        return fail_unexpected(call, s, text);
                if (call_has(call, i))
                        return call_fail(
                                call, STATUS_TYPE, "%s() got multiple values for argument '%.*s'",
                                qualified(s, name), bind_shown(text), (const char *)text.data);
                call->args[i] = value;
        }
        for (i = 0; i < s->n_required; ++i)
                if (!call_has(call, i))
                        return fail_missing(call, s);
        return 0;
}

static bool has_keywords(struct span kwds)
{
        struct value_iter iter;
        size_t n;

        /* an empty map is one byte, but can be written with more */
        return kwds.size > 1 && value_iter_init(&iter, kwds, &n) && n > 0;
}

int bind_arguments(struct call *call, const struct signature *s, struct arguments *arguments)
{
        bool keywords = has_keywords(arguments->kwds);
        bool more = arguments->more || s->flags & METHOD_VARIADIC;
        size_t n = arguments->n_args;

        if (s->flags & METHOD_KEYWORD_ONLY && n > 0)
                return call_fail(call, STATUS_TYPE, "%s() takes no positional arguments", s->name);
        if (n > s->n_params && !more)
                return fail_count(call, s, n);

        for (unsigned i = 0; i < s->n_params && arguments->n_args > 0; ++i, --arguments->n_args)
                value_iter_next(&arguments->args, &call->args[i]);
        if (s->flags & METHOD_VARIADIC) {
                call->more = arguments->args.at;
                call->n_more = arguments->n_args;
        }

        if (keywords && s->flags & METHOD_ANY_KEYWORDS)
                call->kwds = arguments->kwds;
        else if (keywords && !arguments->more)
                return bind_keywords(call, s, arguments->kwds);
        return n < s->n_required ? fail_count(call, s, n) : 0;
}
