/*
 * help - what managerctl says about itself
 */
#include "client/managerctl/help.h"

#include <stdio.h>

#include "client/managerctl/ctl.h"

static const char general[] =
        "\n"
        "options, anywhere on the line:\n"
        "  --socket PATH      the daemon's socket; default: "
        "$XDG_RUNTIME_DIR/managerd/manager.sock\n"
        "                     or /tmp/managerd-UID/manager.sock\n"
        "  --authkey FILE     the file with the key; default: \"authkey\" beside the socket\n"
        "  --timeout SECONDS  how long connecting, and then each call, may take;\n"
        "                     default: 10 s to connect, no limit to a call\n"
        "  --json             output as JSON\n"
        "  --help, --version\n"
        "  --                 no options behind this\n"
        "\n"
        "OBJECT is a name, or an ident as ls prints it (also 0x…); name:123 is the name 123.\n"
        "VALUE and KEY are JSON, or, where they are no JSON, a str: 5, '[1, 2]', '\"5\"', alice;\n"
        "what begins with [, { or \" and is no JSON is refused: --str takes it as it is.\n"
        "A list as KEY means a tuple. Beyond JSON: {\"$tuple\": [1, 2]}, $set, $frozenset,\n"
        "{\"$dict\": [[1, \"one\"]]}, {\"$int\": \"18446744073709551616\"}, {\"$float\": "
        "\"nan\"},\n"
        "{\"$bytes\": \"base64\"}, {\"$proxy\": {\"typeid\": \"dict\", \"ident\": \"…\"}}, "
        "{\"$packed\": \"msgpack in base64\"}.\n"
        "\n"
        "exit status: 0 ok · 1 no such object or key, or a method raised · 2 usage ·\n"
        "  3 cannot connect, or turned away · 4 authentication, or not for this user ·\n"
        "  5 the daemon failed or was lost, had no memory left (MemoryError) or has a limit\n"
        "  (TooLarge), or the output could not be written\n";

int help_all(void)
{
        puts("usage: managerctl [OPTION…] COMMAND [ARGUMENT…]\n\n"
             "Look inside a running managerd, and change what it holds.\n\ncommands:");
        for (size_t i = 0; commands[i]; ++i)
                printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
        fputs("\nmanagerctl COMMAND --help tells more, with examples.\n", stdout);
        fputs(general, stdout);
        return EXIT_DONE;
}

int help_command(const struct command *command)
{
        printf("usage: managerctl %s%s%s\n\n%s", command->name, *command->usage ? " " : "",
               command->usage, command->help);
        return EXIT_DONE;
}

int help_unknown(const char *name)
{
        const struct command *nearest = command_nearest(name);

        if (nearest)
                return ctl_misuse("there is no command '%s'; did you mean '%s'?", name,
                                  nearest->name);
        return ctl_misuse("there is no command '%s'; managerctl help lists them", name);
}
