/*
 * argument - what on the command line is a value, a key or an object
 */
#include "client/managerctl/argument.h"

#include <errno.h>
#include <stdlib.h>

#include "client/managerctl/json.h"
#include "client/managerctl/text.h"

static int as_str(const char *text, mgr_value *value)
{
        mgr_value borrowed = mgr_str(text);
        int r;

        if (!text_is_utf8(text, strlen(text)))
                return ctl_misuse("'%s' is not UTF-8: {\"$bytes\": \"…base64…\"} may hold anything",
                                  text);
        r = mgr_value_copy(&borrowed, value);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

/* What begins as only JSON does was meant as such: as a str it would be a surprise. */
static bool looks_like_json(const char *text)
{
        text += strspn(text, " \t\r\n");
        return *text && strchr("[{\"", *text);
}

int argument_value(const struct ctl *ctl, const char *text, mgr_value *value)
{
        struct json_why why;
        int r;

        if (ctl->options->given & OPTION_STR)
                return as_str(text, value);
        r = json_read(ctl->m, text, strlen(text), value, &why);
        switch (r) {
        case 0:
                return EXIT_DONE;
        case JSON_SYNTAX:
                if (looks_like_json(text))
                        return ctl_misuse("'%s' is no JSON: %s; as a str it wants --str", text,
                                          why.text);
                return as_str(text, value);
        case JSON_REFUSED:
                return ctl_misuse("'%s': %s", text, why.text);
        default:
                return ctl_fail(r);
        }
}

int argument_values(const struct ctl *ctl, size_t first, mgr_value **values, size_t *n)
{
        const struct options *options = ctl->options;
        int code = EXIT_DONE;

        *n = 0;
        *values = calloc(options->n_args, sizeof(**values));
        if (!*values)
                return ctl_out_of_memory();
        while (code == EXIT_DONE && first + *n < options->n_args) {
                code = argument_value(ctl, options->args[first + *n], &(*values)[*n]);
                *n += code == EXIT_DONE;
        }
        return code;
}

void argument_values_free(mgr_value *values, size_t n)
{
        while (n > 0)
                mgr_value_clear(&values[--n]);
        free(values);
}

/* Adds a value with its lists as tuples. It nests no deeper than json_read() lets it. */
static void add_key(mgr_builder *builder, const mgr_value *key)
{
        mgr_value element;
        mgr_iter iter;

        if (key->kind != MGR_KIND_LIST && key->kind != MGR_KIND_TUPLE) {
                mgr_builder_add_value(builder, key);
                return;
        }
        mgr_builder_begin(builder, MGR_KIND_TUPLE);
        mgr_iter_init(&iter, key);
        while (mgr_iter_next(&iter, &element))
                add_key(builder, &element);
        mgr_builder_end(builder);
}

int argument_key(const struct ctl *ctl, const char *text, mgr_value *key)
{
        mgr_builder *builder;
        mgr_value value;
        int code, r;

        code = argument_value(ctl, text, &value);
        if (code != EXIT_DONE)
                return code;
        r = mgr_builder_new(&builder);
        if (r == 0) {
                add_key(builder, &value);
                r = mgr_builder_finish(builder, key);
                mgr_builder_free(builder);
        }
        mgr_value_clear(&value);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

/* --- objects */

static const char *without_prefix(const char *text)
{
        return strncmp(text, "name:", 5) == 0 ? text + 5 : text;
}

static bool read_ident(const char *text, mgr_value *what)
{
        bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
        const char *digits = hex ? text + 2 : text;
        size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");

        if (n == 0 || digits[n])
                return false;
        errno = 0;
        *what = mgr_uint(strtoull(digits, NULL, hex ? 16 : 10));
        return errno == 0;
}

int argument_name(const char *text, mgr_value *what)
{
        text = without_prefix(text);
        if (!*text)
                return ctl_misuse("the name of an object is not empty");
        if (!text_is_utf8(text, strlen(text)))
                return ctl_misuse("'%s' is not UTF-8, so it is no object's name", text);
        *what = mgr_str(text);
        return EXIT_DONE;
}

int argument_object(const char *text, mgr_value *what)
{
        return read_ident(text, what) ? EXIT_DONE : argument_name(text, what);
}

/* Whether digits that are no ident are the name of something. */
static bool is_name(const struct ctl *ctl, const char *text)
{
        const mgr_value name = mgr_str(text);

        return mgr_manager_call(ctl->m, "describe", &name, 1, NULL) == 0;
}

int argument_fail(const struct ctl *ctl, const char *text, int r)
{
        mgr_value ident;

        if (r == MGR_ENAME)
                ctl_say("no object has the name '%s'", without_prefix(text));
        else if (r != MGR_ENO_OBJECT || !read_ident(text, &ident))
                return ctl_fail(r);
        else if (is_name(ctl, text))
                ctl_say("NoSuchObject: no object has the ident %s, but one that name: name:%s",
                        text, text);
        else
                ctl_say("NoSuchObject: no object has the ident %s", text);
        return EXIT_NEGATIVE;
}

int argument_proxy(const struct ctl *ctl, const char *text, mgr_proxy **proxy)
{
        mgr_value what;
        int code, r;

        code = argument_object(text, &what);
        if (code != EXIT_DONE)
                return code;
        r = mgr_proxy_find(ctl->m, &what, proxy);
        return r < 0 ? argument_fail(ctl, text, r) : EXIT_DONE;
}
