/*
 * object_tool - a type of the daemon by hand, for check_*_python.py
 *
 *   object_tool TYPEID
 *
 * Reads lines, "method<tab>arguments" in the harness's notation, and answers
 * each with two: what the method returned or raised, and what the whole object looks
 * like afterwards. "new" makes the object anew, "other" a second one: from then on
 * arguments can name both as <0> and <1>. "__iter__" keeps the iterator, which
 * "__next__" asks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/type_harness.h"

struct tool {
        struct harness h;
        const struct type *type;
        struct object *objects[2], *iterator;
        char *arguments;
};

static void drop(struct tool *tool, struct object **object)
{
        if (*object)
                harness_release(&tool->h, *object);
        *object = NULL;
}

/* "<0>" and "<1>" become the proxies of the objects. */
static const char *expand(struct tool *tool, const char *text)
{
        size_t size = 0;
        FILE *out;

        if (!tool->objects[1])
                return text;
        free(tool->arguments);
        tool->arguments = NULL;
        out = open_memstream(&tool->arguments, &size);
        for (; *text; ++text) {
                if (strncmp(text, "<0>", 3) != 0 && strncmp(text, "<1>", 3) != 0) {
                        fputc(*text, out);
                        continue;
                }
                fprintf(out, "proxy(%" PRIu64 ")", tool->objects[text[1] - '0']->ident);
                text += 2;
        }
        fclose(out);
        return tool->arguments;
}

static const char *create(struct tool *tool, unsigned i, const char *arguments)
{
        drop(tool, &tool->objects[i]);
        tool->objects[i] = harness_create(&tool->h, tool->type, "%s", arguments);
        return tool->objects[i] ? "None" : harness_text(&tool->h);
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
        text = harness_call(h, tool->objects[0], method, "%s", arguments);
        if (h->proxy) {
                drop(tool, &tool->iterator);
                tool->iterator = h->proxy;
        }
        return text;
}

/* Its str(), as Python shows it. */
static void show(struct tool *tool)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        struct object *object = tool->objects[0];

        if (!object)
                puts("");
        else if (!object->type->str)
                puts(harness_repr(&tool->h, object));
        else if (object->type->str(object, &text) == 0)
                printf("%.*s\n", (int)text.size, (const char *)text.data);
}

static const struct type *find_type(const char *name)
{
        for (size_t i = 0; i < n_types; ++i)
                if (strcmp(types_all[i]->name, name) == 0)
                        return types_all[i];
        return NULL;
}

int main(int argc, char **argv)
{
        struct tool tool = { .type = argc == 2 ? find_type(argv[1]) : NULL };
        char *line = NULL, *arguments;
        size_t n_line = 0;
        ssize_t n;

        if (!tool.type)
                return 2;
        harness_init(&tool.h);
        while ((n = getline(&line, &n_line, stdin)) > 0) {
                line[n - 1] = '\0';
                arguments = strchr(line, '\t');
                if (!arguments)
                        return 2;
                *arguments++ = '\0';
                puts(answer(&tool, line, arguments));
                show(&tool);
                fflush(stdout);
        }
        free(line);
        free(tool.arguments);
        drop(&tool, &tool.iterator);
        drop(&tool, &tool.objects[0]);
        drop(&tool, &tool.objects[1]);
        harness_deinit(&tool.h);
        return 0;
}
