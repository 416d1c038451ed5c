/*
 * list_tool - the type list by hand, for check_list_python.py
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and the whole list
 * afterwards. "new" makes another list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

int main(void)
{
        struct object *list = NULL;
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
                        if (list)
                                harness_release(&h, list);
                        list = harness_create(&h, &list_type, "%s", arguments);
                        puts(list ? "None" : harness_text(&h));
                } else {
                        puts(harness_call(&h, list, line, "%s", arguments));
                }
                puts(list ? harness_repr(&h, list) : "");
                fflush(stdout);
        }
        free(line);
        if (list)
                harness_release(&h, list);
        harness_deinit(&h);
        return 0;
}
