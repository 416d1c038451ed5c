/*
 * function - the functions that workers run, and how what they say comes back
 */
#include "client/pool/function.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/status.h"
#include "proto/unicode.h"

/* --- names */

struct named_function {
        struct named_function *next; /* as it was when this one came: older ones */
        mgr_function *function;
        size_t size;
        char name[]; /* ends with a zero */
};

/* The newest of all. What is in the list stays, as it is, for as long as the process. */
static _Atomic(struct named_function *) functions;

/* Looks through what came before `from` and not before `until`. */
static const struct named_function *find_name(const struct named_function *from,
                                              const struct named_function *until, struct span name)
{
        for (; from != until; from = from->next)
                if (span_equal(span_of(from->name, from->size), name))
                        return from;
        return NULL;
}

mgr_function *function_find(struct span name)
{
        const struct named_function *found =
                find_name(atomic_load_explicit(&functions, memory_order_acquire), NULL, name);

        return found ? found->function : NULL;
}

const char *function_name(mgr_function *function)
{
        const struct named_function *at = atomic_load_explicit(&functions, memory_order_acquire);

        while (at && at->function != function)
                at = at->next;
        return at ? at->name : NULL;
}

/* "no function 'cube' is registered here, only 'double', 'square'" */
mgr_function *function_need(struct span name)
{
        const struct named_function *at = atomic_load_explicit(&functions, memory_order_acquire);
        const struct named_function *found = find_name(at, NULL, name);
        const char *separator = ", only '";
        char others[256];
        size_t n = 0;

        if (found)
                return found->function;
        for (others[0] = '\0'; at; at = at->next) {
                int added = snprintf(others + n, sizeof(others) - n, "%s%s'", separator, at->name);

                if (added < 0 || (size_t)added >= sizeof(others) - n - sizeof(" …")) {
                        strcpy(others + n, " …");
                        break;
                }
                n += (size_t)added;
                separator = ", '";
        }
        error_set(-STATUS_ATTRIBUTE, "no function '%.*s' is registered in the worker%s",
                  (int)utf8_cut(name, 100).size, (const char *)name.data, others);
        return NULL;
}

static struct named_function *named_function_new(struct span name, mgr_function *function)
{
        struct named_function *named = malloc(sizeof(*named) + name.size + 1);

        if (!named)
                return NULL;
        named->function = function;
        named->size = name.size;
        memcpy(named->name, name.data, name.size);
        named->name[name.size] = '\0';
        return named;
}

static int check_name(struct span name)
{
        if (!name.size || name.size > FUNCTION_MAX_NAME)
                return error_set(-STATUS_ARGUMENT, "a function's name has 1 to %d bytes",
                                 FUNCTION_MAX_NAME);
        return utf8_valid(name) ? 0 : error_set_status(-STATUS_UNICODE);
}

/* Whoever comes first puts it in front; the others look at what came meanwhile, and try again. */
static int register_new(struct named_function *named)
{
        struct named_function *newest = atomic_load_explicit(&functions, memory_order_acquire);
        const struct named_function *known = NULL, *found;

        do {
                found = find_name(newest, known, span_of(named->name, named->size));
                if (found && found->function == named->function)
                        return 1;
                if (found)
                        return error_set(-STATUS_VALUE, "another function is registered as '%s'",
                                         named->name);
                named->next = newest;
                known = newest;
        } while (!atomic_compare_exchange_weak_explicit(
                &functions, &newest, named, memory_order_acq_rel, memory_order_acquire));
        return 0;
}

int mgr_function_register(const char *name, mgr_function *function)
{
        struct span text = name ? span_of_cstr(name) : SPAN_ABSENT;
        struct named_function *named;
        int r;

        if (!name || !function)
                return error_set_status(-STATUS_ARGUMENT);
        r = check_name(text);
        if (r < 0)
                return r;
        named = named_function_new(text, function);
        if (!named)
                return error_set_status(-STATUS_NOMEM);
        r = register_new(named);
        if (r != 0)
                free(named); /* it is there already, or may not be */
        return r < 0 ? r : 0;
}

/* --- running */

int function_status(int r)
{
        if (r >= 0)
                return 0;
        /* what it called and what it made of that need not be the same */
        if (error_status() == r)
                return r;
        return error_set(r, "the function returned %d: %s", r, status_text(r));
}

int function_call(mgr_function *function, const mgr_value *args, size_t n_args, mgr_value *result)
{
        int r;

        *result = mgr_none();
        error_clear();
        r = function_status(function(args, n_args, result));
        if (r < 0)
                mgr_value_clear(result);
        return r;
}

int function_unsendable(int r)
{
        char why[256];

        snprintf(why, sizeof(why), "%s", mgr_errmsg());
        return error_set(r, "the result cannot be sent: %s", why);
}
