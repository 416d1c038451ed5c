/*
 * help - what there is
 */
#include <stdio.h>
#include <string.h>

#include "client/managerctl/ctl.h"
#include "client/managerctl/help.h"
#include "client/managerctl/text.h"

static void write_field(const char *name, const char *text)
{
        printf("\"%s\": ", name);
        text_write_quoted(stdout, text, strlen(text));
}

static void write_json(const struct command *command)
{
        putchar('{');
        write_field("name", command->name);
        fputs(", ", stdout);
        write_field("usage", command->usage);
        fputs(", ", stdout);
        write_field("summary", command->summary);
        fputs(", ", stdout);
        write_field("help", command->help);
        putchar('}');
}

static int help_json(const struct command *one)
{
        if (one) {
                write_json(one);
                putchar('\n');
                return EXIT_DONE;
        }
        for (size_t i = 0; commands[i]; ++i) {
                fputs(i ? ",\n " : "[", stdout);
                write_json(commands[i]);
        }
        puts("]");
        return EXIT_DONE;
}

static int run(struct ctl *ctl)
{
        const char *name = ctl->options->args[0];
        const struct command *command = name ? command_find(name) : NULL;

        if (name && !command)
                return help_unknown(name);
        if (ctl->options->json)
                return help_json(command);
        return command ? help_command(command) : help_all();
}

const struct command command_help = {
        .name = "help",
        .usage = "[COMMAND]",
        .summary = "lists the commands, or explains one",
        .help = "The same as managerctl --help, and managerctl COMMAND --help.\n"
                "\n"
                "  managerctl help set\n",
        .max_args = 1,
        .needs = COMMAND_ALONE,
        .run = run,
};
