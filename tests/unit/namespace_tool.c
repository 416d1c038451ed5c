/*
 * namespace_tool - the type Namespace by hand, for check_namespace_python.py
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and the str() of the
 * namespace afterwards. "new" makes another one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

static void put_str(struct object *namespace)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;

        if (namespace && namespace->type->str(namespace, &text) == 0)
                fwrite(text.data, 1, text.size, stdout);
        putchar('\n');
}

int main(void)
{
        struct object *namespace = NULL;
        struct harness h;
        char *line = NULL, *arguments;
        size_t n_line = 0;
        ssize_t n;

        harness_init(&h);
        while ((n = getline(&line, &n_line, stdin)) > 0) {
                line[n - 1] = '\0';
                arguments = strchr(line, '\t');
                if (!arguments)
                        return 2;
                *arguments++ = '\0';

                if (strcmp(line, "new") == 0) {
                        if (namespace)
                                harness_release(&h, namespace);
                        namespace = harness_create(&h, &namespace_type, "%s", arguments);
                        puts(namespace ? "None" : harness_text(&h));
                } else {
                        puts(harness_call(&h, namespace, line, "%s", arguments));
                }
                put_str(namespace);
                fflush(stdout);
        }
        free(line);
        if (namespace)
                harness_release(&h, namespace);
        harness_deinit(&h);
        return 0;
}
