/*
 * array_tool - the type Array by hand, for check_array_python.py
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and the whole array
 * afterwards. "new" makes another array.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

int main(void)
{
        struct object *array = NULL;
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
                        if (array)
                                harness_release(&h, array);
                        array = harness_create(&h, &array_type, "%s", arguments);
                        puts(array ? "None" : harness_text(&h));
                } else {
                        puts(harness_call(&h, array, line, "%s", arguments));
                }
                puts(array ? harness_repr(&h, array) : "");
                fflush(stdout);
        }
        free(line);
        if (array)
                harness_release(&h, array);
        harness_deinit(&h);
        return 0;
}
