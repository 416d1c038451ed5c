/*
 * PROTOCOL.md says what the code does: every server-level call, every type with
 * every method, parameters and flags, every error.
 */
#include "tests/lib/cmocka.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "managerd/engine/builtin.h"
#include "managerd/types/types.h"
#include "proto/status.h"

#define SIGNATURE_MAX 256

static char *document;

static int read_document(void **state)
{
        FILE *file = fopen("proto/PROTOCOL.md", "r");
        size_t size = 0;

        (void)state;
        if (!file || getdelim(&document, &size, '\0', file) <= 0)
                return -1;
        return fclose(file);
}

static int free_document(void **state)
{
        (void)state;
        free(document);
        return 0;
}

/* The text from a heading to the next one of its level or above; the caller frees it. */
static char *section(const char *heading)
{
        char *begin = strstr(document, heading), *end;
        size_t level = strspn(heading, "#\n");

        if (!begin)
                fail_msg("PROTOCOL.md has no section %s", heading);
        begin += strlen(heading);
        for (end = begin; (end = strstr(end, "\n#")); ++end)
                if (strspn(end, "#\n") <= level)
                        break;
        return strndup(begin, end ? (size_t)(end - begin) : strlen(begin));
}

/* How a signature is written down, without the defaults: "pop(key[, default])". */
static void write_signature(const struct signature *s, bool variadic, char text[SIGNATURE_MAX])
{
        _cleanup_free_ char *params = strdup(s->params);
        size_t n = (size_t)snprintf(text, SIGNATURE_MAX, "%s(", s->name);
        unsigned i = 0;

        for (char *name = strtok(params, " "); name; name = strtok(NULL, " "), ++i)
                n += (size_t)snprintf(text + n, SIGNATURE_MAX - n, "%s%s%s",
                                      i >= s->n_required ? "[" : "", i ? ", " : "", name);
        assert_int_equal(i, s->n_params);
        for (i = s->n_required; i < s->n_params; ++i)
                n += (size_t)snprintf(text + n, SIGNATURE_MAX - n, "]");
        if (s->flags & METHOD_VARIADIC)
                n += (size_t)snprintf(text + n, SIGNATURE_MAX - n, "%s*others", i ? ", " : "");
        if (variadic)
                n += (size_t)snprintf(text + n, SIGNATURE_MAX - n, ", *args, **kwds");
        if (s->flags & METHOD_ANY_KEYWORDS)
                n += (size_t)snprintf(text + n, SIGNATURE_MAX - n, ", **kwds");
        snprintf(text + n, SIGNATURE_MAX - n, ")");
}

/* The signature of a row as write_signature() would have it: brackets nest, defaults are left out.
 */
static void normalize(const char *row, size_t size, char text[SIGNATURE_MAX])
{
        size_t n = 0, depth = 0;
        bool in_default = false;

        for (size_t i = 0; i < size && n < SIGNATURE_MAX - 8; ++i) {
                if (row[i] == '=')
                        in_default = true;
                if (in_default && strchr(",[])", row[i]))
                        in_default = false;
                if (in_default)
                        continue;
                if (row[i] == '[')
                        ++depth;
                if (row[i] == ']')
                        continue;
                if (row[i] == ')' || (row[i] == ',' && depth > 0 && row[i + 2] == '*'))
                        for (; depth > 0; --depth)
                                text[n++] = ']';
                text[n++] = row[i];
        }
        text[n] = '\0';
}

/*
 * Finds the row "| `name(…)` | flags |" and compares it. Marks it in `seen` by blanking
 * its backquote, so that rows of no method remain visible.
 */
static void check_row(char *text, const struct signature *s, bool variadic, const char *flags)
{
        char expected[SIGNATURE_MAX], found[SIGNATURE_MAX], begin[SIGNATURE_MAX];
        char *row, *end;

        write_signature(s, variadic, expected);
        snprintf(begin, sizeof(begin), "\n| `%s(", s->name);
        row = strstr(text, begin);
        if (!row)
                fail_msg("PROTOCOL.md does not describe %s", expected);
        row += strlen("\n| `");
        end = strchr(row, '`');
        assert_non_null(end);
        normalize(row, (size_t)(end - row), found);
        assert_string_equal(found, expected);

        if (flags) {
                char *column = strchr(end, '|');
                char letters[8] = "";
                size_t n = 0;

                for (++column; *column != '|'; ++column)
                        if (isupper((unsigned char)*column) && n < sizeof(letters) - 1)
                                letters[n++] = *column;
                if (strcmp(letters, flags) != 0)
                        fail_msg("%s is %s in the code, %s in PROTOCOL.md", expected, flags,
                                 letters);
        }
        row[-1] = ' ';
}

static void check_no_row_left(const char *text, const char *where)
{
        const char *left = strstr(text, "\n| `");

        if (left)
                fail_msg("%s: the code has no %.40s", where, left + 3);
}

static void protocol_describes_every_type(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_types; ++i) {
                const struct type *type = types_all[i];
                _cleanup_free_ char *heading = NULL, *text = NULL;

                assert_true(asprintf(&heading, "\n### %s\n", type->name) > 0);
                text = section(heading);
                for (size_t j = 0; j < type->n_methods; ++j) {
                        const struct method *m = &type->methods[j];
                        struct signature s = { type->name,    m->name,  m->params, m->n_params,
                                               m->n_required, m->flags, m->arity };
                        char flags[8] = "";

                        snprintf(flags, sizeof(flags), "%s%s%s%s",
                                 m->flags & METHOD_READS ? "R" : "",
                                 m->flags & METHOD_WRITES ? "W" : "",
                                 m->flags & METHOD_BLOCKS ? "B" : "",
                                 m->flags & METHOD_LINEAR ? "N" : "");
                        check_row(text, &s, false, flags);
                }
                check_no_row_left(text, type->name);
        }
}

static void protocol_describes_every_server_level_call(void **state)
{
        _cleanup_free_ char *text = section("\n## 7. Server-level calls\n");

        (void)state;
        for (size_t i = 0; i < n_builtins; ++i)
                check_row(text, &builtins[i].signature, builtins[i].flags & BUILTIN_VARIADIC, NULL);
        check_no_row_left(text, "server-level calls");
}

static void every_method_either_reads_or_writes(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_types; ++i)
                for (size_t j = 0; j < types_all[i]->n_methods; ++j) {
                        unsigned flags = types_all[i]->methods[j].flags;

                        assert_true(!(flags & METHOD_READS) != !(flags & METHOD_WRITES));
                }
}

static void protocol_lists_every_error_with_its_kind(void **state)
{
        _cleanup_free_ char *text = section("\n## 5. Errors\n");

        (void)state;
#define CHECK(name, number, wire, meaning)                                                         \
        if ((wire)[0]) {                                                                           \
                _cleanup_free_ char *row = NULL;                                                   \
                assert_true(asprintf(&row, "\n| `%s` | `%s` |", wire,                              \
                                     status_is_exception(number) ? "#ERROR" : "#TRACEBACK") > 0);  \
                if (!strstr(text, row))                                                            \
                        fail_msg("PROTOCOL.md does not list %s", row + 1);                         \
        }
        STATUS_LIST(CHECK)
#undef CHECK
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(protocol_describes_every_type),
                cmocka_unit_test(protocol_describes_every_server_level_call),
                cmocka_unit_test(every_method_either_reads_or_writes),
                cmocka_unit_test(protocol_lists_every_error_with_its_kind),
        };

        return cmocka_run_group_tests(tests, read_document, free_document);
}
