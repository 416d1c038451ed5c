/*
 * dict_tool - the type dict by hand, for check_dict_python.py
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and the whole dict
 * afterwards. "new" makes another dict; "__iter__" keeps the iterator, which
 * "__next__" asks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

struct tool {
        struct harness h;
        struct object *dict, *iterator;
};

static void drop(struct tool *tool, struct object **object)
{
        if (*object)
                harness_release(&tool->h, *object);
        *object = NULL;
}

static const char *answer(struct tool *tool, const char *method, const char *arguments)
{
        struct harness *h = &tool->h;
        const char *text;

        if (strcmp(method, "new") == 0) {
                drop(tool, &tool->dict);
                tool->dict = harness_create(h, &dict_type, "%s", arguments);
                return tool->dict ? "None" : harness_text(h);
        }
        if (strcmp(method, "__next__") == 0)
                return harness_call(h, tool->iterator, method, "%s", arguments);
        text = harness_call(h, tool->dict, method, "%s", arguments);
        if (h->proxy) {
                drop(tool, &tool->iterator);
                tool->iterator = h->proxy;
        }
        return text;
}

int main(void)
{
        struct tool tool = { .dict = NULL };
        char *line = NULL, *arguments;
        size_t n_line = 0;
        ssize_t n;

        harness_init(&tool.h);
        while ((n = getline(&line, &n_line, stdin)) > 0) {
                line[n - 1] = '\0';
                arguments = strchr(line, '\t');
                if (!arguments)
                        return 2;
                *arguments++ = '\0';
                puts(answer(&tool, line, arguments));
                puts(tool.dict ? harness_repr(&tool.h, tool.dict) : "");
                fflush(stdout);
        }
        free(line);
        drop(&tool, &tool.iterator);
        drop(&tool, &tool.dict);
        harness_deinit(&tool.h);
        return 0;
}
