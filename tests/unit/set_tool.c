/*
 * set_tool - the type set by hand, for check_set_python.py
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and the whole set
 * afterwards. There is a second set, which arguments can name as <1>: "new"
 * makes the first anew, "other" the second; <0> and <1> are their
 * proxies. "__iter__" keeps the iterator, which "__next__" asks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

struct tool {
        struct harness h;
        struct object *sets[2], *iterator;
        char *arguments;
};

static void drop(struct tool *tool, struct object **object)
{
        if (*object)
                harness_release(&tool->h, *object);
        *object = NULL;
}

/* "<0>" and "<1>" become the proxies of the sets. */
static const char *expand(struct tool *tool, const char *text)
{
        size_t size = 0;
        FILE *out;

        free(tool->arguments);
        tool->arguments = NULL;
        out = open_memstream(&tool->arguments, &size);
        for (; *text; ++text) {
                if (strncmp(text, "<0>", 3) != 0 && strncmp(text, "<1>", 3) != 0) {
                        fputc(*text, out);
                        continue;
                }
                fprintf(out, "proxy(%" PRIu64 ")", tool->sets[text[1] - '0']->ident);
                text += 2;
        }
        fclose(out);
        return tool->arguments;
}

static const char *create(struct tool *tool, unsigned i, const char *arguments)
{
        drop(tool, &tool->sets[i]);
        tool->sets[i] = harness_create(&tool->h, &set_type, "%s", arguments);
        return tool->sets[i] ? "None" : harness_text(&tool->h);
}

static const char *answer(struct tool *tool, const char *method, const char *arguments)
{
        struct harness *h = &tool->h;
        const char *text;

        if (strcmp(method, "new") == 0)
                return create(tool, 0, arguments);
        if (strcmp(method, "other") == 0)
                return create(tool, 1, arguments);
        arguments = expand(tool, arguments);
        if (strcmp(method, "__next__") == 0)
                return harness_call(h, tool->iterator, method, "%s", arguments);
        text = harness_call(h, tool->sets[0], method, "%s", arguments);
        if (h->proxy) {
                drop(tool, &tool->iterator);
                tool->iterator = h->proxy;
        }
        return text;
}

int main(void)
{
        struct tool tool = { .iterator = NULL };
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
                puts(tool.sets[0] ? harness_repr(&tool.h, tool.sets[0]) : "");
                fflush(stdout);
        }
        free(line);
        free(tool.arguments);
        drop(&tool, &tool.iterator);
        drop(&tool, &tool.sets[0]);
        drop(&tool, &tool.sets[1]);
        harness_deinit(&tool.h);
        return 0;
}
